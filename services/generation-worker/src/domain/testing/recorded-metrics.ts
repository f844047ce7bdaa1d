import type { WorkerMetrics } from "../ports";

/** Metrics that can be asked. */
export function createRecordedMetrics() {
  const counts = { fenced: 0, batches: 0, events: 0 };
  const outcomes: string[] = [];
  const claims: string[] = [];
  const metrics: WorkerMetrics = {
    claimed: (from) => void claims.push(from),
    ended: (outcome) => void outcomes.push(outcome),
    fenced: () => void (counts.fenced += 1),
    batchWritten: (events) => {
      counts.batches += 1;
      counts.events += events;
    },
    used: () => undefined,
    swept: () => undefined,
  };
  return { metrics, counts, outcomes, claims };
}
