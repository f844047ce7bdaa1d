import { Counter, Gauge, type Registry } from "prom-client";
import type { DispatchMetrics } from "../domain/ports";

/** Figures of dispatching for `/metrics`. What all workers sample of the rows is the same everywhere: take the maximum. */
export function createDispatchMetrics(registry: Registry): DispatchMetrics {
  const registers = [registry];
  const reconciled = new Counter({
    name: "generation_reconciled_total",
    help: "Jobs added because the queue had forgotten them, or removed because their row no longer waits",
    labelNames: ["what"],
    registers,
  });
  const refused = new Counter({
    name: "generation_claims_refused_total",
    help: "Deliveries whose row waits on: its user is at the running limit, or the queue is paused",
    labelNames: ["why"],
    registers,
  });
  const retries = new Counter({
    name: "generation_retries_total",
    help: "Runs that failed and are tried again, by the problem's code",
    labelNames: ["kind"],
    registers,
  });
  const gauge = (name: string, help: string) => new Gauge({ name, help, registers });
  const queued = gauge("generation_queued", "Rows that wait");
  const running = gauge("generation_running", "Rows that are run");
  const oldest = gauge(
    "generation_oldest_waiting_seconds",
    "How long the oldest row that could run has waited",
  );
  const unaccounted = gauge(
    "generation_unaccounted",
    "Accepted today and yesterday, and neither there nor deleted; anything but 0 is a loss",
  );
  for (const what of ["added", "removed"]) reconciled.inc({ what }, 0);
  for (const why of ["limit", "paused"]) refused.inc({ why }, 0);
  return {
    reconciled: (what, count) => {
      reconciled.inc({ what }, count);
    },
    refused: (why) => {
      refused.inc({ why });
    },
    retried: (kind) => {
      retries.inc({ kind });
    },
    sampled(figures) {
      queued.set(figures.queued);
      running.set(figures.running);
      oldest.set(figures.oldestWaitingSeconds);
      unaccounted.set(figures.unaccounted);
    },
  };
}
