import { Counter, Gauge, Histogram, type Registry } from "prom-client";
import type { DispatchMetrics, WorkerMetrics } from "../domain/ports";

export interface WorkerGauges {
  readonly slots: number;
  readonly freeSlots: () => number;
}

/** The worker's figures for `/metrics`. */
export function createPrometheusMetrics(
  registry: Registry,
): Omit<WorkerMetrics, keyof DispatchMetrics> & { watch(gauges: WorkerGauges): void } {
  const registers = [registry];
  const claims = new Counter({
    name: "generation_claims_total",
    help: "Rows claimed, by the way they were found",
    labelNames: ["from"],
    registers,
  });
  const runs = new Counter({
    name: "generation_runs_total",
    help: "Runs ended, by outcome and engine",
    labelNames: ["outcome", "engine"],
    registers,
  });
  const fencedWrites = new Counter({
    name: "generation_fenced_writes_total",
    help: "Writes refused because the row was no longer held",
    registers,
  });
  const batchEvents = new Histogram({
    name: "generation_event_batch_events",
    help: "Events stored by one statement",
    buckets: [1, 2, 5, 10, 20, 50, 100, 200, 500],
    registers,
  });
  const batchSeconds = new Histogram({
    name: "generation_event_batch_seconds",
    help: "Time of one statement that stores events",
    buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.25, 0.5, 1, 2],
    registers,
  });
  const tokens = new Counter({
    name: "generation_engine_tokens_total",
    help: "Tokens the engines counted",
    labelNames: ["engine", "direction"],
    registers,
  });
  const sweptRows = new Counter({
    name: "generation_swept_total",
    help: "Rows taken from workers that stopped renewing",
    labelNames: ["to"],
    registers,
  });
  return {
    claimed: (from) => {
      claims.inc({ from });
    },
    ended: (outcome, engine) => {
      runs.inc({ outcome, engine });
    },
    fenced: () => {
      fencedWrites.inc();
    },
    batchWritten: (events, durationMs) => {
      batchEvents.observe(events);
      batchSeconds.observe(durationMs / 1000);
    },
    used: (engine, { inputTokens, outputTokens }) => {
      tokens.inc({ engine, direction: "input" }, inputTokens);
      tokens.inc({ engine, direction: "output" }, outputTokens);
    },
    swept: ({ requeued, failed }) => {
      sweptRows.inc({ to: "queued" }, requeued.length);
      sweptRows.inc({ to: "failed" }, failed.length);
    },
    watch({ slots, freeSlots }) {
      const total = new Gauge({
        name: "generation_slots",
        help: "Runs this process may do at once",
        registers,
      });
      total.set(slots);
      new Gauge({
        name: "generation_slots_free",
        help: "Slots without a run",
        registers,
        collect() {
          this.set(freeSlots());
        },
      });
    },
  };
}
