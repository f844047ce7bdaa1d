import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import { createCrashPoints } from "@vibe-friend/service-kit/crash-points";
import { listenHttp } from "@vibe-friend/service-kit/listen-http";
import { startService } from "@vibe-friend/service-kit/start-service";
import { createArchiveAdapters } from "./adapters/archive-adapters";
import { createArchiveMetrics } from "./adapters/archive-metrics";
import { connectAll } from "./adapters/connections";
import { createGenerationAdapters } from "./adapters/generation-adapters";
import { addWorkerHealth } from "./adapters/worker-health";
import { createApp, createHttpApp } from "./app";
import { createArchiveApp } from "./archive-app";
import { sections } from "./config";

startService("generation-worker", sections, async (service) => {
  const { config, logger, lifecycle } = service;
  const { generation, engines } = config;
  const { times } = generation;
  const workerId = `${hostname()}-${process.pid}-${randomBytes(4).toString("hex")}`;
  const crash = createCrashPoints(config.crash, service);
  const connected = await connectAll({ ...service, applicationName: workerId });
  const own = { generation, engines, workerId, crash };
  const generations = createGenerationAdapters({ ...service, ...connected, ...own });
  const app = createApp(generations);
  const built = createArchiveAdapters({ ...connected, ...config.archives, workerId, times, logger });
  const archives = createArchiveApp({
    ...built,
    store: crash.at("archives", built.store),
    metrics: createArchiveMetrics(service.metrics.registry),
  });
  generations.watchSlots(app.freeSlots);
  addWorkerHealth({ ...service, ...connected, findStall: app.findStall });
  await listenHttp({ ...service, app: createHttpApp(service), http: config.http });
  lifecycle.own("worker", app, (owned) => owned.stop());
  lifecycle.own("archives", archives, (owned) => owned.stop());
  await Promise.all([app.start(), archives.start()]);
});
