import { CACHE_REFRESH_QUEUE, cacheRefreshJobs } from "@vibe-friend/contracts/jobs";
import { readModels } from "@vibe-friend/contracts/read-models";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import { createJobConsumer } from "@vibe-friend/redis-kit/queue/job-consumer";
import { createJobSchedules } from "@vibe-friend/redis-kit/queue/job-schedules";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import type { createRefreshReadModel } from "../domain/refresh-read-model";

export interface RefreshAheadOptions {
  /** the role that holds queues */
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly refresh: ReturnType<typeof createRefreshReadModel>;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
  /** milliseconds between loads; default: as the read model says */
  readonly everyMs?: number;
}

const CLOSE_MS = 2000;

/**
 * Lets read models be loaded before their time is over, by one of the processes each time. Redis holds the
 * beat: without it nothing is loaded ahead, and the first reader after the end of a value waits for its load.
 */
export function startRefreshAhead(options: RefreshAheadOptions): void {
  const { role, keys, refresh, logger, lifecycle } = options;
  const everyMs = options.everyMs ?? readModels.statistics.refreshEveryMs;
  if (role.disabled || everyMs === null) return;
  const parts = { role, keys, queue: CACHE_REFRESH_QUEUE, catalogue: cacheRefreshJobs, logger };
  const consumer = createJobConsumer({
    ...parts,
    metrics: options.metrics.reporterFor(redisMetrics),
    handlers: { refresh: ({ model }) => refresh(model) },
    concurrency: 1,
  });
  lifecycle.own("refresh consumer", consumer, (open) => open.close({ timeoutMs: CLOSE_MS }));
  consumer.start();
  const schedules = createJobSchedules(parts);
  lifecycle.own("refresh schedules", schedules, (open) => open.close());
  schedules.keep([
    { id: "refresh-statistics", job: "refresh", data: { model: "statistics" }, when: { everyMs } },
  ]);
}
