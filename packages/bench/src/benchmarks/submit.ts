import type { Row } from "../report/benchmark-report";
import { judgeRatio } from "../report/judge-target";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { keepOpen } from "../runner/keep-open";
import { runRounds } from "../runner/run-rounds";
import { createSubmitEntrant, submitTitles } from "./submit-entrants";
import type { SubmitScene } from "./submit-entrants";
import { judgeAccepted, patienceMs, runSubmitOutage, submitsPerSecond } from "./submit-outage";

const faults = ["killed", "frozen"] as const;
const adapters = ["insert", "bullmq", "pg-boss", "graphile-worker", "ours", "ours-http"] as const;
const throughRedis = new Set([submitTitles.bullmq, submitTitles.ours, submitTitles["ours-http"]]);

export const submit: Benchmark = {
  name: "submit",
  peers: ["bullmq", "pg-boss", "graphile-worker"],
  async run(context) {
    const { entrants, close } = keepOpen(adapters.map((adapter) => createSubmitEntrant(context, adapter)));
    const rows: Row[] = [];
    try {
      for (const concurrency of [1, 64]) rows.push(...(await runGroup(context, entrants, concurrency)));
      const through = entrants.filter(({ contestant }) => throughRedis.has(contestant));
      for (const fault of faults) rows.push(...(await runFault(context, through, fault)));
    } finally {
      await close();
    }
    return {
      name: "submit",
      title: "Accepting work to be done later",
      method:
        "Closed loop of 64 people; everything accepted is counted afterwards, in rows and in jobs. BullMQ keeps a job in Redis\n" +
        "(append-only file, written to disk every second), the others a row in Postgres, on disk before the answer. vibe-friend: row, first event and the\n" +
        "person's count in one transaction, under limits; then a BullMQ job behind the answer, waited for in the rate (not over HTTP). Redis lost:\n" +
        `open loop, ${submitsPerSecond}/s; Redis goes away half a second after the start, and stays away.`,
      columns: [
        { key: "operationsPerSecond", title: "accepted/s" },
        { key: "p50Ms", title: "p50 ms" },
        { key: "p99Ms", title: "p99 ms" },
        { key: "maxMs", title: "max ms" },
        { key: "jobsPercent", title: "in Redis %" },
        { key: "acceptedPercent", title: "accepted %" },
      ],
      baseline: { contestants: [submitTitles.bullmq], column: "operationsPerSecond" },
      rows,
      targets: [
        judgeRatio(rows, {
          text: "row and hand-over at least as fast as pg-boss",
          groups: ["1 at once", "64 at once"],
          contestant: submitTitles.ours,
          against: [submitTitles["pg-boss"]],
          column: "operationsPerSecond",
          atLeast: 1,
        }),
        judgeAccepted(rows, [submitTitles.ours, submitTitles["ours-http"]]),
      ],
      remarks: [
        `BullMQ has nothing behind it when Redis is away: its adds wait, and count as unanswered ${patienceMs / 1000} s after the end.`,
      ],
    };
  },
};

function runGroup(
  { quick, onProgress }: BenchContext,
  entrants: readonly Entrant<SubmitScene>[],
  concurrency: number,
): Promise<Row[]> {
  const loop = { concurrency, durationMs: quick ? 200 : 1000 };
  return runRounds({
    group: `${concurrency} at once`,
    entrants,
    rounds: quick ? 1 : 4,
    onProgress,
    async measure({ worker }, round) {
      if (round === 0) await worker.call.run({ concurrency, durationMs: quick ? 100 : 500, timed: false });
      const { operationsPerSecond, jobsPercent } = await worker.call.run({ ...loop, timed: false });
      const { latency } = await worker.call.run({ ...loop, durationMs: loop.durationMs / 2, timed: true });
      return {
        operationsPerSecond,
        ...(latency === undefined ? {} : { p50Ms: latency.p50Ms, p99Ms: latency.p99Ms }),
        ...(jobsPercent === undefined ? {} : { jobsPercent }),
      };
    },
  });
}

function runFault(
  { quick, onProgress }: BenchContext,
  entrants: readonly Entrant<SubmitScene>[],
  fault: (typeof faults)[number],
): Promise<Row[]> {
  return runRounds({
    group: `Redis ${fault}, ${submitsPerSecond}/s`,
    entrants,
    rounds: quick ? 1 : 3,
    onProgress,
    measure: (scene) => runSubmitOutage(scene, fault, quick ? 800 : 2000),
  });
}
