import { generationJobs } from "@vibe-friend/contracts/jobs";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import type { KitMetrics } from "@vibe-friend/redis-kit/metrics";
import {
  createJobConsumer,
  type JobConsumer,
  type JobHandlers,
} from "@vibe-friend/redis-kit/queue/job-consumer";
import { createQueueContents } from "@vibe-friend/redis-kit/queue/queue-contents";
import type { Logger } from "@vibe-friend/service-kit/logger";

import { createHeldQueue } from "./held-queue";

export interface GenerationQueueOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly concurrency: number;
  readonly logger: Logger;
  readonly metrics: KitMetrics;
}

/** What every queue of a worker is made of, its name included. */
const QUEUE = { queue: "generation", catalogue: generationJobs } as const;

/** The queue `generation` as a worker sees it. */
export function createGenerationQueue(options: GenerationQueueOptions) {
  const contents = createQueueContents({ ...options, ...QUEUE });
  return {
    held: createHeldQueue(contents),
    closeHeld: () => contents.close(),
    consume: (handlers: JobHandlers<typeof generationJobs>): JobConsumer =>
      createJobConsumer({ ...options, ...QUEUE, handlers }),
    isQueueWell: () => options.role.health.status().mode === "normal",
  };
}
