import { createSessionTruth } from "@vibe-friend/database/repositories/session-truth";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { createSessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import { createGenerationFeed } from "@vibe-friend/service-kit/generation-feed";
import { createHealth } from "@vibe-friend/service-kit/health";
import { createLifecycle } from "@vibe-friend/service-kit/lifecycle";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import { v7 as createId } from "uuid";
import { connectAll } from "../adapters/connections";
import { createPrometheusMetrics } from "../adapters/prometheus-metrics";
import { createRedisSocketAdapter } from "../adapters/redis-socket-adapter";
import { createSessionReader } from "../adapters/session-reader";
import { createApp, createHttpApp } from "../app";
import { defaultDelivery, type DeliveryLimits } from "../domain/deliver";
import { silentLogger as logger } from "../domain/testing/silent-logger";

export interface TestNodeOptions {
  readonly databaseUrl: string;
  /** "none": without Redis */
  readonly redisUrl: string;
  readonly limits?: Partial<DeliveryLimits>;
  readonly allowedOrigins?: readonly string[];
  readonly watchMs?: number;
}

export const tokenSecret = "s".repeat(32);

export type TestNode = Awaited<ReturnType<typeof startTestNode>>;

/** A whole notification node in this process, on a free port and on real servers. */
export async function startTestNode({
  databaseUrl,
  redisUrl,
  limits,
  allowedOrigins = [],
  watchMs = 1000,
}: TestNodeOptions) {
  const lifecycle = createLifecycle(logger);
  const redis = parseRedisConfig({ REDIS_URL: redisUrl });
  const database = { url: databaseUrl, directUrl: databaseUrl, poolSize: 4 };
  const metrics = createMetrics("notification");
  const connected = await connectAll({ config: { database, redis }, logger, lifecycle, metrics });
  const { state, cache, keys, bus, trust, generations, inboxes, inboxNews, openSessions } = connected;
  const store = createSessionStore({
    role: state,
    truth: createSessionTruth(connected.database),
    keys,
    trust: trust.of(state),
    ttlMs: redis.sessionTtlMs,
    maxAgeMs: 86_400_000,
    staleMaxMs: redis.authStaleMaxMs,
    createId,
  });
  const feed = createGenerationFeed({ log: generations, bus, logger });
  lifecycle.own("feed", feed, (owned) => {
    owned.close();
  });
  const parts = { logger, metrics, health: createHealth() };
  const http = { port: 0, host: "127.0.0.1" };
  const httpApp = createHttpApp({
    ...parts,
    ...{ inboxes, publish: inboxNews, tokenSecret, clock: () => connected.database.now() },
  });
  const { server, url } = await listenHttp({ app: httpApp, http, logger, lifecycle });
  const app = createApp({
    http: server,
    sessions: createSessionReader(store, openSessions),
    generations: { findPosition: (userId, id) => generations.find(userId, id) },
    feed,
    inboxes,
    inboxNews,
    bus,
    roles: { state: state.health, cache: cache.health },
    adapter: createRedisSocketAdapter(state, keys, logger),
    metrics: createPrometheusMetrics(parts.metrics.registry),
    logger,
    allowedOrigins: ["http://site.example", ...allowedOrigins],
    limits: { ...defaultDelivery, ...limits },
    watchMs,
    staleMaxMs: redis.authStaleMaxMs,
  });
  lifecycle.own("sockets", app, (owned) => owned.stop());
  return {
    url,
    server,
    app,
    inboxes,
    inboxNews,
    keys,
    store,
    bus,
    state,
    feed,
    readMetrics: () => parts.metrics.registry.metrics(),
    stop: () => lifecycle.stop(),
  };
}
