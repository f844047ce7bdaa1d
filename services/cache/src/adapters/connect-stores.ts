import { generationJobs } from "@vibe-friend/contracts/jobs";
import { connectRedisJournal } from "@vibe-friend/database/connect-redis-journal";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import { createCache } from "@vibe-friend/redis-kit/cache/cache";
import type { RedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { keepTrust } from "@vibe-friend/redis-kit/journal/keep-trust";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import { createJobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import type { DatabaseConfig } from "@vibe-friend/service-kit/config-sections";
import type { Health } from "@vibe-friend/service-kit/health";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { ownDatabase } from "@vibe-friend/service-kit/own-database";
import { ownRole } from "@vibe-friend/service-kit/own-role";

export interface StoresConfig {
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig;
}

interface Owners {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** Bytes that read models may take in this process's own memory. */
const MEMORY_BYTES = 16 * 1024 * 1024;

/** Milliseconds somebody waits for the depth of the queue. */
const COUNTS_DEADLINE_MS = 150;

/** Postgres and Redis, and what redis-kit makes of them. Both may be away at the start. */
export async function connectStores(config: StoresConfig, owners: Owners) {
  const { logger, lifecycle } = owners;
  const metrics = owners.metrics.reporterFor(redisMetrics);
  const database = ownDatabase(
    await connectDatabase({ ...config.database, applicationName: "cache" }),
    owners,
  );
  const keys = createKeys(config.redis);
  const [state, cacheRole] = await Promise.all([
    connectRedisRole({ role: "state", config: config.redis.state, logger, metrics }),
    connectRedisRole({ role: "cache", config: config.redis.cache, logger, metrics }),
  ]);
  ownRole(state, owners);
  ownRole(cacheRole, owners);
  const fallback = createNotifyTransport({ ...config.database, logger, applicationName: "cache notify" });
  const bus = lifecycle.own(
    "bus",
    createBus({ role: state, keys, fallback, logger, metrics }),
    async (open) => {
      await open.close();
      await fallback.close();
    },
  );
  const journal = await connectRedisJournal(database, { ...config.database, applicationName: "cache" });
  lifecycle.own("journal", journal, (open) => open.close());
  const trust = await keepTrust({
    journal,
    roles: [state, cacheRole],
    keys,
    staleMaxMs: config.redis.authStaleMaxMs,
    logger,
    metrics,
  });
  lifecycle.own("trust", trust, (open) => open.stop());
  const cache = createCache({
    role: cacheRole,
    keys,
    ttlMs: config.redis.cacheTtlMs,
    trust: trust.of(cacheRole),
    bus,
    memory: { maxBytes: MEMORY_BYTES },
    logger,
    metrics,
  });
  lifecycle.own("cache", cache, (open) => open.close());
  const queue = createJobProducer({
    role: state,
    keys,
    queue: "generation",
    catalogue: generationJobs,
    deadlineMs: COUNTS_DEADLINE_MS,
    logger,
    metrics,
  });
  lifecycle.own("queue", queue, (open) => open.close());
  return { database, keys, roles: { state, cache: cacheRole }, cache, queue };
}
