import type { DispatchMetrics, WorkerMetrics } from "../ports";

/** Metrics that can be asked. */
export function createRecordedMetrics() {
  const counts = { fenced: 0, batches: 0, events: 0 };
  const outcomes: string[] = [];
  const retries: string[] = [];
  const reconciled = { added: 0, removed: 0 };
  const claims: string[] = [];
  const metrics: WorkerMetrics & DispatchMetrics = {
    claimed: (from) => void claims.push(from),
    ended: (outcome) => void outcomes.push(outcome),
    fenced: () => void (counts.fenced += 1),
    batchWritten: (events) => {
      counts.batches += 1;
      counts.events += events;
    },
    used: () => undefined,
    swept: () => undefined,
    reconciled: (what, count) => void (reconciled[what] += count),
    refused: () => undefined,
    sampled: () => undefined,
    retried: (kind) => void retries.push(kind),
  };
  return { metrics, counts, outcomes, retries, reconciled, claims };
}
