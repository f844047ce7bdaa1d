import { createGenerations } from "@vibe-friend/database/repositories/generations";
import { createOpenSessions } from "@vibe-friend/database/repositories/open-sessions";
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
import { defaultDelivery } from "./domain/deliver-events";

startService("notification", sections, async (service) => {
  const { config, logger, health, lifecycle } = service;
  const { redis, edge, publicUrl } = config;
  const { database, state, cache, keys, bus, trust, redisFigures } = await connectAll(service);
  const generations = createGenerations(database);
  const store = createSessionStore({
    role: state,
    truth: createSessionTruth(database),
    keys,
    trust: trust.of(state),
    ...{ ttlMs: redis.sessionTtlMs, maxAgeMs: edge.sessionMaxAgeMs, staleMaxMs: redis.authStaleMaxMs },
    clock: () => database.now(),
    logger,
    metrics: redisFigures,
  });
  const feed = lifecycle.own("feed", createGenerationFeed({ log: generations, bus, logger }), (owned) => {
    owned.close();
  });
  const metrics = createPrometheusMetrics(service.metrics.registry);
  const { server } = await listenHttp({ ...service, app: createHttpApp(service), http: config.http });
  const app = createApp({
    http: server,
    sessions: createSessionReader(store, createOpenSessions(database)),
    generations: { findPosition: (userId, id) => generations.find(userId, id) },
    feed,
    bus,
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
