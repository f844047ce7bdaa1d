import { connectRedisJournal } from "@vibe-friend/database/connect-redis-journal";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { createGenerations } from "@vibe-friend/database/repositories/generations";
import { createNotifications } from "@vibe-friend/database/repositories/notifications";
import { createOpenSessions } from "@vibe-friend/database/repositories/open-sessions";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import type { RedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { keepTrust } from "@vibe-friend/redis-kit/journal/keep-trust";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import type { DatabaseConfig } from "@vibe-friend/service-kit/config-sections";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";

import { createInboxNews } from "./inbox-news";

export interface ConnectionOptions {
  readonly config: { readonly database: DatabaseConfig; readonly redis: RedisConfig };
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Pick<Lifecycle, "own">;
}

/** Postgres, both roles of Redis, and the bus over them. Any of them may be away at the start. */
export async function connectAll({ config, logger, lifecycle, ...owners }: ConnectionOptions) {
  const metrics = owners.metrics.reporterFor(redisMetrics);
  const { url, directUrl, poolSize } = config.database;
  const applicationName = "vibe-friend notification";
  const database = await connectDatabase({ url, poolSize, applicationName, waitForMs: 5000 });
  lifecycle.own("database", database, (owned) => owned.close());
  const [state, cache] = await Promise.all([
    connectRedisRole({ role: "state", config: config.redis.state, logger, metrics }),
    connectRedisRole({ role: "cache", config: config.redis.cache, logger, metrics }),
  ]);
  for (const role of [state, cache]) lifecycle.own(`redis ${role.role}`, role, (owned) => owned.close());
  const keys = createKeys(config.redis);
  const fallback = createNotifyTransport({ directUrl, logger, applicationName: `${applicationName} listen` });
  lifecycle.own("notify", fallback, (owned) => owned.close());
  const journal = await connectRedisJournal(database, { url, applicationName });
  lifecycle.own("journal", journal, (owned) => owned.close());
  const staleMaxMs = config.redis.authStaleMaxMs;
  const trust = await keepTrust({ journal, roles: [state, cache], keys, staleMaxMs, logger, metrics });
  lifecycle.own("trust", trust, (owned) => owned.stop());
  const bus = createBus({ role: state, keys, fallback, logger, metrics });
  lifecycle.own("bus", bus, (owned) => owned.close());
  return {
    ...{ database, state, cache, keys, bus, trust, redisFigures: metrics },
    generations: createGenerations(database),
    openSessions: createOpenSessions(database),
    inboxes: createNotifications(database),
    inboxNews: createInboxNews(bus),
  };
}
