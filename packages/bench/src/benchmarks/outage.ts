import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import type { Row } from "../report/benchmark-report";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import { runRounds } from "../runner/run-rounds";
import { cacheTitle } from "./cache-entrants";
import { createOutageEntrant, readsPerSecond } from "./outage-entrant";
import { runOutage } from "./run-outage";
import type { OutageFault, OutageTimes } from "./run-outage";

const faults: readonly OutageFault[] = ["killed", "frozen"];

const contestants: readonly { adapter: CacheAdapterName; tier: "redis" | "both"; suffix: string }[] = [
  { adapter: "ours", tier: "both", suffix: "" },
  { adapter: "ours", tier: "redis", suffix: ", without memory" },
  { adapter: "ioredis", tier: "redis", suffix: "" },
  { adapter: "bentocache", tier: "both", suffix: "" },
  { adapter: "bentocache", tier: "redis", suffix: ", without memory" },
];

/**
 * Milliseconds. Long enough for clients to run out of retries (ioredis' default: 20, in about 10 s); whoever waits
 * longer than `patienceMs` after the end is unanswered.
 */
const thorough: OutageTimes = { calmMs: 2000, outageMs: 12_000, afterMs: 8000, patienceMs: 5000 };
const brief: OutageTimes = { calmMs: 500, outageMs: 800, afterMs: 3000, patienceMs: 1000 };

export const outage: Benchmark = {
  name: "outage",
  peers: ["bentocache"],
  async run(context) {
    const times = context.quick ? brief : thorough;
    const rows: Row[] = [];
    for (const fault of faults) rows.push(...(await runFault(context, fault, times)));
    return {
      name: "outage",
      title: "Redis lost under steady reads, and back",
      method:
        `Open loop, ${readsPerSecond} reads/s of 200 entries of 1 KB; the source takes 5 ms. Redis (with its append-only file) is away for ` +
        `${times.outageMs / 1000} s.\nMeanwhile 20 entries change, and the cache is told. Before, during and after the outage: latency of all reads that ` +
        'began then; errors are\nrejections and reads that never ended; stale are reads of an old version begun after Redis was back; "normal" is the ' +
        "time from its\nreturn to the end of the last read that failed, was stale, or took longer than 50 ms.",
      columns: [
        { key: "beforeP99Ms", title: "p99 before" },
        { key: "duringP50Ms", title: "p50 during" },
        { key: "duringP99Ms", title: "p99" },
        { key: "duringMaxMs", title: "max" },
        { key: "afterP50Ms", title: "p50 after" },
        { key: "afterP99Ms", title: "p99" },
        { key: "afterMaxMs", title: "max" },
        { key: "errors", title: "errors" },
        { key: "stale", title: "stale" },
        { key: "loads", title: "loads" },
        { key: "normalMs", title: "normal ms" },
      ],
      baseline: { contestants: [cacheTitle("ioredis")], column: "duringP99Ms" },
      rows,
      targets: [],
      remarks: [
        "raw ioredis has no source behind it once Redis fails: what it can't read is an error, or waits. Default settings.",
        "Latency of a read that never ended counts until the end of the measurement.",
      ],
    };
  },
};

function runFault(context: BenchContext, fault: OutageFault, times: OutageTimes): Promise<Row[]> {
  const { quick, onProgress } = context;
  const entrants = contestants.map(({ adapter, tier, suffix }) =>
    createOutageEntrant(context, { adapter, tier, contestant: `${cacheTitle(adapter)}${suffix}` }),
  );
  return runRounds({
    group: `Redis ${fault}`,
    entrants,
    rounds: quick ? 1 : 3,
    onProgress,
    measure: (scene) => runOutage(scene, fault, times),
  });
}
