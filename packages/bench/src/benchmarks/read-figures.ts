import type { RoundFigures } from "../runner/entrant";
import type { ClosedLoopResult } from "../workload/closed-loop";

/** Rates come from a loop that times nothing, latencies from another one that does. */
export async function measureBoth(
  loop: { readonly concurrency: number; readonly durationMs: number },
  run: (loop: { concurrency: number; durationMs: number; timed: boolean }) => Promise<ClosedLoopResult>,
): Promise<RoundFigures> {
  const { operationsPerSecond, cpuUs } = await run({ ...loop, timed: false });
  const { latency } = await run({ ...loop, durationMs: loop.durationMs / 2, timed: true });
  return {
    operationsPerSecond,
    ...(latency === undefined ? {} : { p50Ms: latency.p50Ms, p99Ms: latency.p99Ms }),
    cpuUs,
  };
}

export const closedLoopMethod =
  "Closed loop: so many callers, each asks again when it is answered. Rates are measured without timing single " +
  "operations, latencies\n(at that concurrency, at full load) in a loop of their own. CPU is of the client's process.";

export const closedLoopColumns = (what: string) => [
  { key: "operationsPerSecond", title: `${what}/s` },
  { key: "p50Ms", title: "p50 ms" },
  { key: "p99Ms", title: "p99 ms" },
  { key: "cpuUs", title: "CPU us" },
];
