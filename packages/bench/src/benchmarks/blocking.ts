import type { Row } from "../report/benchmark-report";
import { findMedian } from "../report/benchmark-report";
import type { TargetResult } from "../report/benchmark-report";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import { runRounds } from "../runner/run-rounds";
import { blockingTitles, createNaiveEntrant, createOwnEntrant, runnersCount } from "./blocking-entrants";
import { measureBlocking, requestsPerSecond } from "./measure-blocking";

const paces = [
  { group: "12,000 characters/s each", engineRate: 12_000 },
  { group: "as fast as the engine can", engineRate: 0 },
] as const;

export const blocking: Benchmark = {
  name: "blocking",
  peers: [],
  async run(context) {
    const rows: Row[] = [];
    for (const pace of paces) rows.push(...(await runGroup(context, pace)));
    return {
      name: "blocking",
      title: `An unrelated request while ${runnersCount} generations run`,
      method:
        `Open loop, ${requestsPerSecond}/s, of somebody else: GET /auth/session and GET /generations in turns; first alone (calm), then while ${runnersCount} people\n` +
        "generate all the time, each the next when the last has ended. vibe-friend: one gateway, two workers of ten at once; everybody who generates\n" +
        "follows every event on a socket, or waits for the answer (synchronous mode). Express: one process, the same engine, the same session store.",
      columns: [
        { key: "calmP99Ms", title: "calm p99" },
        { key: "sessionP50Ms", title: "session p50" },
        { key: "sessionP99Ms", title: "p99 ms" },
        { key: "listP50Ms", title: "list p50" },
        { key: "listP99Ms", title: "p99 ms" },
        { key: "maxMs", title: "max ms" },
        { key: "failures", title: "failures" },
        { key: "generationsPerSecond", title: "generations/s" },
      ],
      baseline: { contestants: [blockingTitles.naive], column: "sessionP99Ms" },
      rows,
      targets: [...paces.map(({ group }) => judgePain(rows, group)), judgeFailures(rows)],
      remarks: [
        "Ratio and spread are of the session's p99. The services share the cores with Postgres, Redis and these clients; Express alone has\n" +
          "no events to write, to send and to keep.",
      ],
    };
  },
};

function runGroup(
  context: BenchContext,
  { group, engineRate }: { readonly group: string; readonly engineRate: number },
): Promise<Row[]> {
  const { quick, onProgress } = context;
  const times = quick ? { calmMs: 500, busyMs: 1500 } : { calmMs: 800, busyMs: 4000 };
  return runRounds({
    group,
    entrants: [
      createOwnEntrant(context, "async", engineRate),
      createOwnEntrant(context, "sync", engineRate),
      createNaiveEntrant(context, engineRate),
    ],
    rounds: quick ? 1 : 3,
    onProgress,
    async measure(scene, round) {
      // Code is compiled, connections are open.
      if (round === 0)
        await Promise.allSettled(Array.from({ length: runnersCount }, (_, number) => scene.runOne(number)));
      return measureBlocking(scene, times);
    },
  });
}

function judgeFailures(rows: readonly Row[]): TargetResult {
  const text = "asynchronous: nobody is turned away";
  const contestant = blockingTitles.async;
  const counts = paces.map(({ group }) => findMedian(rows, { group, contestant, column: "failures" }) ?? NaN);
  if (counts.some(Number.isNaN)) return { text, status: "not measured" };
  const most = Math.max(...counts);
  return { text, status: most === 0 ? "met" : "missed", measured: `${most} at the worst` };
}

function judgePain(rows: readonly Row[], group: string): TargetResult {
  const text = `${group}: p99 of both requests at most a quarter of the naive way's`;
  const read = (contestant: string) =>
    ["sessionP99Ms", "listP99Ms"].map((column) => findMedian(rows, { group, contestant, column }) ?? NaN);
  const [own, naive] = [read(blockingTitles.async), read(blockingTitles.naive)];
  const shares = own.map((ms, index) => ms / (naive[index] ?? NaN));
  if (shares.some(Number.isNaN)) return { text, status: "not measured" };
  const worst = Math.max(...shares);
  return { text, status: worst <= 0.25 ? "met" : "missed", measured: `${worst.toFixed(2)}x at the worst` };
}
