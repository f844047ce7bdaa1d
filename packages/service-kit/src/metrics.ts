import { collectDefaultMetrics, Histogram, Registry } from "prom-client";

/** One process's figures; further ones are made with `registers: [metrics.registry]`. */
export interface Metrics {
  readonly registry: Registry;
  /** seconds by method, route (the pattern, never the path) and status */
  readonly httpDuration: Histogram<"method" | "route" | "status">;
}

export function createMetrics(service: string): Metrics {
  const registry = new Registry();
  registry.setDefaultLabels({ service });
  collectDefaultMetrics({ register: registry });
  const httpDuration = new Histogram({
    name: "http_request_duration_seconds",
    help: "Time from the request to the end of its answer",
    labelNames: ["method", "route", "status"],
    buckets: [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30],
    registers: [registry],
  });
  return { registry, httpDuration };
}
