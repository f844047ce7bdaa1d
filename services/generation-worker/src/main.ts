import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { createDispatch } from "@vibe-friend/database/repositories/dispatch";
import { createGenerationClaims } from "@vibe-friend/database/repositories/generation-claims";
import { createCrashPoints } from "@vibe-friend/service-kit/crash-points";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { createArchiveAdapters } from "./adapters/archive-adapters";
import { createArchiveMetrics } from "./adapters/archive-metrics";
import { createBuiltInEngine } from "./adapters/built-in/built-in-engine";
import { createBusNews } from "./adapters/bus-news";
import { connectAll } from "./adapters/connections";
import { createDispatchMetrics } from "./adapters/dispatch-metrics";
import { createEngines } from "./adapters/engines";
import { createGenerationQueue } from "./adapters/generation-queue";
import { createLlmEngine } from "./adapters/llm/llm-engine";
import { createPostgresClaims } from "./adapters/postgres-claims";
import { createPrometheusMetrics } from "./adapters/prometheus-metrics";
import { createApp, createHttpApp } from "./app";
import { createArchiveApp } from "./archive-app";
import { sections } from "./config";
import { MAX_ATTEMPTS as maxAttempts } from "./domain/limits";

startService("generation-worker", sections, async (service) => {
  const { config, logger, health, lifecycle } = service;
  const workerId = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
  const { concurrency, maxRunningPerUser, times } = config.generation;
  const crash = createCrashPoints(config.crash, service);
  const connected = await connectAll({ ...service, applicationName: workerId });
  const { database, role, bus } = connected;
  const dispatchMetrics = createDispatchMetrics(service.metrics.registry);
  const { refused: onRefused } = dispatchMetrics;
  const limits = { maxAttempts, maxRunningPerUser, leaseMs: times.leaseMs };
  const claims = createGenerationClaims(database, { workerId, ...limits, onRefused });
  const dispatch = createDispatch(database);
  const builtIn = createBuiltInEngine({ charactersPerSecond: config.engines.builtInRate });
  const llm = config.engines.llm && createLlmEngine(config.engines.llm);
  const metrics = createPrometheusMetrics(service.metrics.registry);
  const queue = createGenerationQueue({ ...connected, concurrency, logger, metrics: connected.redisFigures });
  lifecycle.own("held queue", queue, (owned) => owned.closeHeld());
  const app = createApp({
    claims: crash.at("claims", createPostgresClaims(claims)),
    engines: createEngines(llm ? [builtIn, llm] : [builtIn]),
    news: crash.at("news", createBusNews(bus), { answers: false }),
    ...queue,
    bus,
    metrics: { ...metrics, ...dispatchMetrics },
    dispatch,
    logger,
    times,
    concurrency,
  });
  const zips = createArchiveAdapters({ ...connected, ...config.archives, workerId, times, logger });
  const archives = createArchiveApp({
    ...zips,
    store: crash.at("archives", zips.store),
    metrics: createArchiveMetrics(service.metrics.registry),
  });
  metrics.watch({ slots: concurrency, freeSlots: app.freeSlots });
  health.addCheck("postgres", () =>
    database.isReachable() ? { state: "ok" } : { state: "down", reason: "Postgres can't be reached" },
  );
  health.addCheck("redis", () => {
    const { mode, reason = mode } = role.health.status();
    return mode === "normal" ? { state: "ok" } : { state: "degraded", reason };
  });
  health.addCheck("work", () => {
    const reason = app.findStall();
    return reason === undefined ? { state: "ok" } : { state: "degraded", reason };
  });
  health.stalledWhen(app.findStall);
  health.unreadyWhen((down) => down.has("postgres"));
  await listenHttp({ ...service, app: createHttpApp(service), http: config.http });
  lifecycle.own("worker", app, (owned) => owned.stop());
  lifecycle.own("archives", archives, (owned) => owned.stop());
  await Promise.all([app.start(), archives.start()]);
});
