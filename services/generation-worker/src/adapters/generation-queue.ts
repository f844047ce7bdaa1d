import { generationJobs } from "@vibe-friend/contracts/jobs";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import type { KitMetrics } from "@vibe-friend/redis-kit/metrics";
import {
  createJobConsumer,
  type JobConsumer,
  type JobHandlers,
} from "@vibe-friend/redis-kit/queue/job-consumer";
import type { Logger } from "@vibe-friend/service-kit/logger";

export interface GenerationQueueOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly metrics: KitMetrics;
}

/** The queue `generation` as a worker sees it. */
export function createGenerationQueue(options: GenerationQueueOptions) {
  return {
    consume: (handlers: JobHandlers<typeof generationJobs>): JobConsumer =>
      createJobConsumer({ ...options, queue: "generation", catalogue: generationJobs, handlers }),
    isQueueWell: () => options.role.health.status().mode === "normal",
  };
}
