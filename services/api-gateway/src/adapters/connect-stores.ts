import { ARCHIVE_QUEUE, archiveJobs, generationJobs } from "@vibe-friend/contracts/jobs";
import { connectRedisJournal } from "@vibe-friend/database/connect-redis-journal";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createArchives } from "@vibe-friend/database/repositories/archives";
import { createGenerations } from "@vibe-friend/database/repositories/generations";
import { createOpenSessions } from "@vibe-friend/database/repositories/open-sessions";
import { createQueues } from "@vibe-friend/database/repositories/queues";
import { createRoles } from "@vibe-friend/database/repositories/roles";
import { createSessionTruth } from "@vibe-friend/database/repositories/session-truth";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { createUsers } from "@vibe-friend/database/repositories/users";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import { createCache } from "@vibe-friend/redis-kit/cache/cache";
import type { RedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { keepTrust } from "@vibe-friend/redis-kit/journal/keep-trust";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import { createJobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import { createSessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import type { DatabaseConfig } from "@vibe-friend/service-kit/config-sections";
import { createGenerationFeed } from "@vibe-friend/service-kit/generation-feed";
import type { Health } from "@vibe-friend/service-kit/health";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { ownDatabase } from "@vibe-friend/service-kit/own-database";
import { ownRole } from "@vibe-friend/service-kit/own-role";
import { createQueueDeliveries } from "./queue-deliveries";
import { createSessionWatch } from "../domain/watch-sessions";

const NAME = "api-gateway";
/** Milliseconds between looks at the sessions of open streams. */
const WATCH_MS = 1000;

export interface StoresConfig {
  readonly database: DatabaseConfig;
  readonly redis: RedisConfig;
  readonly edge: { readonly sessionMaxAgeMs: number };
}

interface Owners {
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
  readonly health: Health;
  readonly metrics: Metrics;
}

/** Postgres and Redis, and what redis-kit and database make of them. Both may be away at the start. */
export async function connectStores(config: StoresConfig, owners: Owners) {
  const { logger, lifecycle } = owners;
  const metrics = owners.metrics.reporterFor(redisMetrics);
  const database = ownDatabase(await connectDatabase({ ...config.database, applicationName: NAME }), owners);
  const keys = createKeys(config.redis);
  const [state, cache] = await Promise.all([
    connectRedisRole({ role: "state", config: config.redis.state, logger, metrics }),
    connectRedisRole({ role: "cache", config: config.redis.cache, logger, metrics }),
  ]);
  ownRole(state, owners);
  ownRole(cache, owners);
  const fallback = createNotifyTransport({ ...config.database, logger, applicationName: `${NAME} notify` });
  const bus = lifecycle.own(
    "bus",
    createBus({ role: state, keys, fallback, logger, metrics }),
    async (open) => {
      await open.close();
      await fallback.close();
    },
  );
  const queue = createJobProducer({
    role: state,
    keys,
    queue: "generation",
    catalogue: generationJobs,
    logger,
    metrics,
  });
  lifecycle.own("queue", queue, (open) => open.close());
  const archiveQueue = createJobProducer({
    ...{ role: state, keys, logger, metrics },
    queue: ARCHIVE_QUEUE,
    catalogue: archiveJobs,
  });
  lifecycle.own("archive queue", archiveQueue, (open) => open.close());
  const queueDeliveries = createQueueDeliveries({ role: state, keys, logger, metrics });
  lifecycle.own("queue deliveries", queueDeliveries, (open) => open.close());
  const journal = await connectRedisJournal(database, { ...config.database, applicationName: NAME });
  lifecycle.own("journal", journal, (open) => open.close());
  const staleMaxMs = config.redis.authStaleMaxMs;
  const trust = await keepTrust({ journal, roles: [state, cache], keys, staleMaxMs, logger, metrics });
  lifecycle.own("trust", trust, (open) => open.stop());
  const generations = createGenerations(database);
  const feed = createGenerationFeed({ log: generations, bus, logger });
  lifecycle.own("feed", feed, (open) => {
    open.close();
  });
  const openSessions = createOpenSessions(database);
  const sessionWatch = createSessionWatch((ids) => openSessions.findOpen(ids));
  lifecycle.own(
    "session watch",
    setInterval(() => void sessionWatch.look(), WATCH_MS),
    clearInterval,
  );
  return {
    bus,
    sessionWatch,
    queue,
    archiveQueue,
    archives: createArchives(database),
    queueRows: createQueues(database),
    queueDeliveries,
    generations,
    feed,
    users: createUsers(database),
    roles: createRoles(database),
    settings: createSettings(database),
    cache: createCache({
      role: cache,
      keys,
      ttlMs: config.redis.cacheTtlMs,
      trust: trust.of(cache),
      logger,
      metrics,
    }),
    sessions: createSessionStore({
      role: state,
      truth: createSessionTruth(database),
      keys,
      trust: trust.of(state),
      ttlMs: config.redis.sessionTtlMs,
      maxAgeMs: config.edge.sessionMaxAgeMs,
      staleMaxMs,
      clock: () => database.now(),
      logger,
      metrics,
    }),
  };
}
