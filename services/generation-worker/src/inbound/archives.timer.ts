import type { LeaseTimes } from "../domain/limits";
import type { createSweepArchives } from "../domain/sweep-archives";
import type { TakeArchives } from "../domain/take-archives";
import { every } from "./leases.timer";

const REMOVE_UNUSED_EVERY_MS = 60_000;

export interface TimedArchiveWork {
  readonly take: Pick<TakeArchives, "lookForRows" | "keepLeases">;
  readonly sweepArchives: ReturnType<typeof createSweepArchives>;
}

/** Starts the regular work around archives. */
export function startArchiveTimers({ take, sweepArchives }: TimedArchiveWork, times: LeaseTimes) {
  const timers = [
    every(times.heartbeatMs, () => take.keepLeases()),
    every(times.pollMs, () => take.lookForRows()),
    every(times.sweepMs, () => sweepArchives.sweep()),
    every(REMOVE_UNUSED_EVERY_MS, () => sweepArchives.removeUnused()),
  ];
  return {
    stop: () => {
      for (const timer of timers) clearInterval(timer);
    },
  };
}
