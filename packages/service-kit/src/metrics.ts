import { collectDefaultMetrics, Histogram, Registry } from "prom-client";
import {
  createPrometheusReporter,
  type PrometheusReporter,
  type ReportedMetrics,
} from "./prometheus-reporter";

/** One process's figures; further ones are made with `registers: [metrics.registry]`. */
export interface Metrics {
  readonly registry: Registry;
  /** seconds by method, route (the pattern, never the path) and status */
  readonly httpDuration: Histogram<"method" | "route" | "status">;
  /** Registers a library's catalogue at the first call, and gives the same reporter for it from then on. */
  reporterFor<const C extends ReportedMetrics>(catalogue: C): PrometheusReporter<C>;
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
  const reporters = new Map<ReportedMetrics, PrometheusReporter<never>>();
  return {
    registry,
    httpDuration,
    reporterFor<const C extends ReportedMetrics>(catalogue: C) {
      const known = reporters.get(catalogue) as PrometheusReporter<C> | undefined;
      if (known !== undefined) return known;
      const reporter = createPrometheusReporter(registry, catalogue);
      reporters.set(catalogue, reporter);
      return reporter;
    },
  };
}
