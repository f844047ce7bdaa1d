import type { KeepLeases } from "../domain/keep-leases";
import type { LeaseTimes } from "../domain/limits";
import type { Reconcile } from "../domain/reconcile";
import type { ReturnLost } from "../domain/return-lost";
import type { SampleFigures } from "../domain/sample-figures";
import type { SweepLeases } from "../domain/sweep-leases";
import type { TakeGenerations } from "../domain/take-generations";

const SAMPLE_MS = 15_000;

export interface TimedWork {
  readonly keepLeases: KeepLeases;
  readonly sweepLeases: SweepLeases;
  readonly returnLost: ReturnLost;
  readonly reconcile: Reconcile;
  readonly sampleFigures: SampleFigures;
  readonly take: Pick<TakeGenerations, "lookForRows">;
}

/** Starts the regular work. A round that is still under way isn't joined by another one. */
export function startTimers(work: TimedWork, times: LeaseTimes) {
  const { keepLeases, sweepLeases, returnLost, reconcile, sampleFigures, take } = work;
  void sampleFigures();
  const timers = [
    every(times.heartbeatMs, keepLeases),
    every(times.sweepMs, sweepLeases),
    every(times.sweepMs, returnLost),
    every(times.reconcileMs, reconcile),
    every(SAMPLE_MS, sampleFigures),
    every(times.pollMs, () => take.lookForRows()),
  ];
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}

/** Does it regularly, but never twice at once. `work` doesn't reject. */
export function every(periodMs: number, work: () => Promise<void>): NodeJS.Timeout {
  let busy = false;
  return setInterval(() => {
    if (busy) return;
    busy = true;
    void work().finally(() => {
      busy = false;
    });
  }, periodMs);
}
