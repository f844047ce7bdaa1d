import { createSessionTruth } from "@vibe-friend/database/repositories/session-truth";
import { createSessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import { createGenerationFeed } from "@vibe-friend/service-kit/generation-feed";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { connectAll } from "./adapters/connections";
import { createPrometheusMetrics } from "./adapters/prometheus-metrics";
import { createRedisSocketAdapter } from "./adapters/redis-socket-adapter";
import { createSessionReader } from "./adapters/session-reader";
import { createApp, createHttpApp } from "./app";
import { sections } from "./config";
import { defaultDelivery } from "./domain/deliver";

startService("notification", sections, async (service) => {
  const { config, logger, health, lifecycle } = service;
  const { redis, edge, publicUrl } = config;
  const connected = await connectAll(service);
  const { database, state, cache, keys, bus, trust, redisFigures, generations, ...more } = connected;
  const { inboxes, inboxNews, openSessions } = more;
  const store = createSessionStore({
    role: state,
    truth: createSessionTruth(database),
    ...{ keys, trust: trust.of(state) },
    ...{ ttlMs: redis.sessionTtlMs, maxAgeMs: edge.sessionMaxAgeMs, staleMaxMs: redis.authStaleMaxMs },
    clock: () => database.now(),
    ...{ logger, metrics: redisFigures },
  });
  const feed = lifecycle.own("feed", createGenerationFeed({ log: generations, bus, logger }), (owned) => {
    owned.close();
  });
  const metrics = createPrometheusMetrics(service.metrics.registry);
  const httpApp = createHttpApp({
    ...{ ...service, inboxes, publish: inboxNews, clock: () => database.now() },
    tokenSecret: config.internal.tokenSecret,
  });
  const { server } = await listenHttp({ ...service, app: httpApp, http: config.http });
  const app = createApp({
    http: server,
    sessions: createSessionReader(store, openSessions),
    generations: { findPosition: (userId, id) => generations.find(userId, id) },
    ...{ feed, inboxes, inboxNews, bus },
    roles: { state: state.health, cache: cache.health },
    adapter: createRedisSocketAdapter(state, keys, logger),
    metrics,
    logger,
    allowedOrigins: [publicUrl, ...edge.allowedOrigins],
    limits: defaultDelivery,
    watchMs: 1000,
    staleMaxMs: redis.authStaleMaxMs,
  });
  lifecycle.own("sockets", app, (owned) => owned.stop());
  metrics.watch({ ...app, followedGenerations: () => feed.size().generations });
  health.addCheck("postgres", () =>
    database.isReachable() ? { state: "ok" } : { state: "down", reason: "Postgres can't be reached" },
  );
  health.addCheck("redis", () => {
    const { mode, reason = mode } = state.health.status();
    return mode === "normal" ? { state: "ok" } : { state: "degraded", reason };
  });
});
