import { quantile } from "../report/statistics";
import type { RoundFigures } from "../runner/entrant";
import { nowMs, startOpenLoop } from "../workload/open-loop";
import type { OpenLoopSample } from "../workload/open-loop";
import { TurnedAway } from "../workload/submit-over-http";
import { runnersCount } from "./blocking-entrants";
import type { BlockingScene } from "./blocking-entrants";

export const requestsPerSecond = 40;
const patienceMs = 10_000;
/** Whoever is turned away waits a little. */
const turnedAwayMs = 200;
const paths = ["/api/v1/auth/session", "/api/v1/generations"] as const;

/** Milliseconds. */
export interface BlockingTimes {
  readonly calmMs: number;
  readonly busyMs: number;
}

/**
 * A stranger's steady requests, first alone, then while 20 generations run all the time: where one ends the next begins.
 *
 * Who is turned away (429, 5xx) counts as a failure.
 *
 * @throws {Error} when a generation that was taken doesn't complete, or a request is answered in any other way but 200
 */
export async function measureBlocking(
  { pool, stranger, runOne }: BlockingScene,
  { calmMs, busyMs }: BlockingTimes,
): Promise<RoundFigures> {
  const loop = startOpenLoop(requestsPerSecond, async (turn) => {
    const path = paths[turn % paths.length] ?? "";
    const { status } = await pool.ask({ method: "GET", path, person: stranger });
    if (status === 200) return path;
    return status === 429 || status >= 500 ? "turned away" : `answered ${status}`;
  });
  await sleep(calmMs);
  const busyFrom = nowMs();
  const busyUntil = busyFrom + busyMs;
  let completed = 0;
  let failed = 0;
  const runners = Array.from({ length: runnersCount }, async (_, number) => {
    while (nowMs() < busyUntil) {
      const isDone = await runOne(number).then(
        () => true,
        (error: unknown) => {
          if (!(error instanceof TurnedAway)) throw error;
          return false;
        },
      );
      if (isDone) completed += 1;
      else {
        failed += 1;
        await sleep(turnedAwayMs);
      }
    }
  });
  const ends = Promise.allSettled(runners).then((all) => ({ all, at: nowMs() }));
  await sleep(busyMs);
  const samples = await loop.stop(patienceMs);
  const { all, at: endedAt } = await ends;
  for (const end of all) if (end.status === "rejected") throw end.reason;
  const wrong = samples.find(({ outcome }) => outcome.startsWith("answered"));
  if (wrong !== undefined) throw new Error(`a request of somebody else was ${wrong.outcome}`);
  return {
    ...summarizeStranger(samples, busyFrom),
    failures: samples.filter(isFailure).length + failed,
    generationsPerSecond: (completed * 1000) / (endedAt - busyFrom),
  };
}

function isFailure({ outcome }: OpenLoopSample): boolean {
  return !paths.some((path) => path === outcome);
}

/** Before and while others generate. A request that failed or was never answered counts with the time it had. */
export function summarizeStranger(samples: readonly OpenLoopSample[], busyFrom: number): RoundFigures {
  const calm = sortLatencies(samples.filter(({ atMs }) => atMs < busyFrom));
  const busy = samples.filter(({ atMs }) => atMs >= busyFrom);
  const of = (path: string) =>
    sortLatencies(busy.filter((sample) => sample.outcome === path || isFailure(sample)));
  const [session, list] = paths.map(of);
  return {
    calmP99Ms: quantile(calm, 0.99),
    sessionP50Ms: quantile(session ?? [], 0.5),
    sessionP99Ms: quantile(session ?? [], 0.99),
    listP50Ms: quantile(list ?? [], 0.5),
    listP99Ms: quantile(list ?? [], 0.99),
    maxMs: quantile(sortLatencies(busy), 1),
  };
}

function sortLatencies(samples: readonly OpenLoopSample[]): number[] {
  return samples.map(({ latencyMs }) => latencyMs).toSorted((a, b) => a - b);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
