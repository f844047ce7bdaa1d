import { ARCHIVE_QUEUED_TOPIC, archiveTopic } from "@vibe-friend/contracts/bus-messages";
import { ARCHIVE_QUEUE, archiveJobs } from "@vibe-friend/contracts/jobs";
import type { Database } from "@vibe-friend/database/data-source";
import { createArchiveClaims } from "@vibe-friend/database/repositories/archive-claims";
import type { Bus } from "@vibe-friend/redis-kit/bus/bus";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import type { KitMetrics } from "@vibe-friend/redis-kit/metrics";
import { createJobConsumer, type JobHandlers } from "@vibe-friend/redis-kit/queue/job-consumer";
import type { ArchiveNews } from "../domain/archive-ports";
import { MAX_ATTEMPTS, type LeaseTimes } from "../domain/limits";
import type { WorkerLogger } from "../domain/ports";
import { createPostgresArchives } from "./postgres-archives";

export interface ArchiveAdaptersOptions {
  readonly database: Database;
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly bus: Bus;
  readonly redisFigures: KitMetrics;
  readonly workerId: string;
  readonly times: LeaseTimes;
  readonly concurrency: number;
  readonly logger: WorkerLogger;
}

/** What archives are built with: their rows, their queue, their news. */
export function createArchiveAdapters(options: ArchiveAdaptersOptions) {
  const { database, bus, workerId, times, redisFigures: metrics } = options;
  const claims = createArchiveClaims(database, {
    workerId,
    leaseMs: times.leaseMs,
    maxAttempts: MAX_ATTEMPTS,
  });
  return {
    store: createPostgresArchives(claims),
    news: createArchiveNews(bus),
    consume: (handlers: JobHandlers<typeof archiveJobs>) =>
      createJobConsumer({ ...options, metrics, queue: ARCHIVE_QUEUE, catalogue: archiveJobs, handlers }),
    ...{ bus, times, logger: options.logger, concurrency: options.concurrency },
  };
}

function createArchiveNews(bus: Pick<Bus, "publish">): ArchiveNews {
  return {
    queued(generationId) {
      void bus.publish(ARCHIVE_QUEUED_TOPIC, { generationId });
    },
    grew(generationId, parts) {
      void bus.publish(archiveTopic(generationId), { generationId, parts });
    },
  };
}
