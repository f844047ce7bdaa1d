import { summarizeLatencies } from "../report/statistics";
import type { RoundFigures } from "../runner/entrant";
import type { OpenLoopSample } from "../workload/open-loop";

/** Milliseconds since 1970. */
interface OutageMoments {
  readonly lostAt: number;
  readonly backAt: number;
}

const slowMs = 50;
const failed = new Set(["error", "unanswered"]);

/** @throws {RangeError} when a phase has no read */
export function summarizeOutage(
  samples: readonly OpenLoopSample[],
  { lostAt, backAt }: OutageMoments,
): RoundFigures {
  const after = samples.filter((one) => one.atMs >= backAt);
  const count = (outcomes: readonly OpenLoopSample[], outcome: string): number =>
    outcomes.filter((one) => one.outcome === outcome).length;
  const disturbed = samples.filter(
    ({ atMs, latencyMs, outcome }) =>
      atMs + latencyMs >= backAt &&
      (failed.has(outcome) || (atMs >= backAt && (outcome === "stale" || latencyMs > slowMs))),
  );
  const lastEnd = Math.max(backAt, ...disturbed.map(({ atMs, latencyMs }) => atMs + latencyMs));
  return {
    ...summarizePhase(
      "before",
      samples.filter((one) => one.atMs < lostAt),
    ),
    ...summarizePhase(
      "during",
      samples.filter((one) => one.atMs >= lostAt && one.atMs < backAt),
    ),
    ...summarizePhase("after", after),
    errors: samples.filter((one) => failed.has(one.outcome)).length,
    stale: count(after, "stale"),
    loads: count(samples, "load"),
    normalMs: lastEnd - backAt,
  };
}

function summarizePhase(phase: string, samples: readonly OpenLoopSample[]): RoundFigures {
  const summary = summarizeLatencies(samples.map((one) => one.latencyMs));
  if (summary === undefined) throw new RangeError(`nobody read ${phase} the outage`);
  return {
    [`${phase}P50Ms`]: summary.p50Ms,
    [`${phase}P99Ms`]: summary.p99Ms,
    [`${phase}MaxMs`]: summary.maxMs,
  };
}
