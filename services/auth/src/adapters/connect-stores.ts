import { connectRedisJournal } from "@vibe-friend/database/connect-redis-journal";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createSessionTruth } from "@vibe-friend/database/repositories/session-truth";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import { createCache } from "@vibe-friend/redis-kit/cache/cache";
import type { RedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { keepTrust } from "@vibe-friend/redis-kit/journal/keep-trust";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import { createSessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import type { DatabaseConfig } from "@vibe-friend/service-kit/config-sections";
import type { Health } from "@vibe-friend/service-kit/health";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { ownDatabase } from "@vibe-friend/service-kit/own-database";
import { ownRole } from "@vibe-friend/service-kit/own-role";
import { v7 as createId } from "uuid";

export interface StoresConfig {
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig;
  readonly accounts: { readonly sessionMaxAgeMs: number };
}

interface Owners {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** Postgres and Redis, and what redis-kit makes of them. Both may be away at the start. */
export async function connectStores(config: StoresConfig, owners: Owners) {
  const { logger, lifecycle } = owners;
  const metrics = owners.metrics.reporterFor(redisMetrics);
  const database = ownDatabase(
    await connectDatabase({ ...config.database, applicationName: "auth" }),
    owners,
  );
  const keys = createKeys(config.redis);
  const [state, cacheRole] = await Promise.all([
    connectRedisRole({ role: "state", config: config.redis.state, logger, metrics }),
    connectRedisRole({ role: "cache", config: config.redis.cache, logger, metrics }),
  ]);
  ownRole(state, owners);
  ownRole(cacheRole, owners);
  const fallback = createNotifyTransport({ ...config.database, logger, applicationName: "auth notify" });
  const bus = lifecycle.own(
    "bus",
    createBus({ role: state, keys, fallback, logger, metrics }),
    async (open) => {
      await open.close();
      await fallback.close();
    },
  );
  const journal = await connectRedisJournal(database, { ...config.database, applicationName: "auth" });
  lifecycle.own("journal", journal, (open) => open.close());
  const staleMaxMs = config.redis.authStaleMaxMs;
  const trust = await keepTrust({ journal, roles: [state, cacheRole], keys, staleMaxMs, logger, metrics });
  lifecycle.own("trust", trust, (open) => open.stop());
  return {
    database,
    bus,
    cache: createCache({
      role: cacheRole,
      keys,
      ttlMs: config.redis.cacheTtlMs,
      trust: trust.of(cacheRole),
      logger,
      metrics,
    }),
    sessions: createSessionStore({
      role: state,
      truth: createSessionTruth(database),
      keys,
      trust: trust.of(state),
      ttlMs: config.redis.sessionTtlMs,
      maxAgeMs: config.accounts.sessionMaxAgeMs,
      staleMaxMs,
      clock: () => database.now(),
      createId,
      logger,
      metrics,
    }),
  };
}
