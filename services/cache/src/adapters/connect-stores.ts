import { connectDatabase } from "@vibe-friend/database/data-source";
import { createRedisJournal } from "@vibe-friend/database/repositories/redis-journal";
import { createCache } from "@vibe-friend/redis-kit/cache/cache";
import type { RedisConfig } from "@vibe-friend/redis-kit/config";
import { drainJournal } from "@vibe-friend/redis-kit/journal/drain-journal";
import type { DatabaseConfig } from "@vibe-friend/service-kit/config-sections";
import type { Health } from "@vibe-friend/service-kit/health";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import { connectRedis } from "./connect-redis";

export interface StoresConfig {
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig;
}

interface Owners {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
}

/** Postgres and Redis, both of which may be away at the start. */
export async function connectStores(config: StoresConfig, owners: Owners) {
  const { logger, lifecycle, health } = owners;
  const database = lifecycle.own(
    "database",
    await connectDatabase({ ...config.database, applicationName: "cache" }),
    (open) => open.close(),
  );
  health.addCheck("database", () =>
    database.isReachable() ? { state: "ok" } : { state: "down", reason: "can't be reached" },
  );
  const { state, cache, keys } = await connectRedis(config.redis, owners);
  const journal = createRedisJournal(database);
  for (const role of [state, cache]) {
    lifecycle.own(`journal ${role.role}`, drainJournal({ journal, role, keys, logger }), (open) =>
      open.stop(),
    );
  }
  return {
    database,
    cache: createCache({ role: cache, keys, ttlMs: config.redis.cacheTtlMs, logger }),
  };
}
