import { connectDatabase } from "@vibe-friend/database/data-source";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import type { RedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import type { DatabaseConfig } from "@vibe-friend/service-kit/config-sections";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";

export interface ConnectionOptions {
  readonly config: { readonly database: DatabaseConfig; readonly redis: RedisConfig };
  readonly applicationName: string;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Pick<Lifecycle, "own">;
}

/** What a worker holds open: Postgres, the state role of Redis, the bus over both. Either may be away at the start. */
export async function connectAll({
  config,
  applicationName,
  logger,
  lifecycle,
  ...owners
}: ConnectionOptions) {
  const metrics = owners.metrics.reporterFor(redisMetrics);
  const { url, directUrl, poolSize } = config.database;
  const database = await connectDatabase({ url, poolSize, applicationName, waitForMs: 5000 });
  lifecycle.own("database", database, (owned) => owned.close());
  const role = await connectRedisRole({ role: "state", config: config.redis.state, logger, metrics });
  lifecycle.own("redis", role, (owned) => owned.close());
  const keys = createKeys(config.redis);
  const fallback = createNotifyTransport({ directUrl, logger, applicationName: `${applicationName} notify` });
  lifecycle.own("notify", fallback, (owned) => owned.close());
  const bus = createBus({ role, keys, fallback, logger, metrics });
  lifecycle.own("bus", bus, (owned) => owned.close());
  return { database, role, keys, bus, redisFigures: metrics };
}
