import express, { type Router } from "express";
import type { Health } from "./health";
import type { Metrics } from "./metrics";

/** `/livez` (503 when the process turns but is stuck), `/readyz` (503 only when it can do nothing of its job) and `/metrics`. */
export function createOpsRoutes({ health, metrics }: { health: Health; metrics: Metrics }): Router {
  const router = express.Router();
  router.get("/livez", (_request, response) => {
    response.setHeader("Cache-Control", "no-store");
    const reason = health.findStall();
    if (reason === undefined) response.json({ status: "alive" });
    else response.status(503).json({ status: "stalled", reason });
  });
  router.get("/readyz", async (_request, response) => {
    const readiness = await health.read();
    const isReady = readiness.status === "ready" || readiness.status === "degraded";
    response.setHeader("Cache-Control", "no-store");
    response.status(isReady ? 200 : 503).json(readiness);
  });
  router.get("/metrics", async (_request, response) => {
    response.type(metrics.registry.contentType).send(await metrics.registry.metrics());
  });
  return router;
}
