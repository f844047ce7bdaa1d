import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import type { Row } from "../report/benchmark-report";
import { summarizeLatencies } from "../report/statistics";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { runRounds } from "../runner/run-rounds";
import { nowMs } from "../workload/open-loop";
import { cacheTitle, createCacheEntrant } from "./cache-entrants";
import type { CacheWorker } from "./cache-entrants";

const adapters: readonly CacheAdapterName[] = [
  "ours",
  "ioredis",
  "bentocache",
  "cacheable",
  "async-cache-dedupe",
];
const callers = 500;
const loadMs = 100;

/** Two processes with the same cache each. */
interface Pair {
  readonly workers: readonly CacheWorker[];
}

export const stampede: Benchmark = {
  name: "stampede",
  peers: ["bentocache", "cacheable", "async-cache-dedupe"],
  async run(context) {
    const redis = await context.startRedis("cache");
    let rows: Row[];
    try {
      const { url: databaseUrl } = await context.openDatabase();
      rows = await runRounds({
        group: `2 processes, ${callers} reads each of one missing key`,
        entrants: adapters.map((adapter, index) =>
          createPair(context, { adapter, databaseUrl, redisUrl: `${redis.url}/${index}` }),
        ),
        rounds: context.quick ? 2 : 9,
        onProgress: context.onProgress,
        measure: ({ workers }, round) => measureStampede(workers, round),
      });
    } finally {
      await redis.stop();
    }
    return {
      name: "stampede",
      title: "Stampede over two processes",
      method:
        `All reads start at the same moment, each round with another key; the source takes ${loadMs} ms.\n` +
        "Loads are calls of the source, of both processes together: one is enough. Latency is of every read.",
      columns: [
        { key: "loads", title: "loads" },
        { key: "p50Ms", title: "p50 ms" },
        { key: "p99Ms", title: "p99 ms" },
        { key: "maxMs", title: "max ms" },
      ],
      baseline: { contestants: [cacheTitle("ioredis")], column: "loads" },
      rows,
      targets: [],
      remarks: [],
    };
  },
};

interface Place {
  readonly adapter: CacheAdapterName;
  readonly redisUrl: string;
  readonly databaseUrl: string;
}

function createPair(context: BenchContext, place: Place): Entrant<Pair> {
  const setup = {
    ...place,
    tier: "redis",
    tagged: false,
    tagging: { kind: "count", count: 0 },
    keyCount: 1000,
    seed: context.seed,
  } as const;
  // The last entry is of no round; reading it connects, and compiles what is to be measured.
  const half = createCacheEntrant(context, setup, ({ call }) => call.verify([setup.keyCount - 1]));
  return {
    ...half,
    async open() {
      const first = await half.open();
      try {
        const second = await half.open();
        return {
          workers: [first, second],
          async stop() {
            await Promise.all([first.stop(), second.stop()]);
          },
        };
      } catch (error) {
        await first.stop();
        throw error;
      }
    },
  };
}

async function measureStampede(workers: readonly CacheWorker[], round: number) {
  const options = { index: round, callers, startAt: nowMs() + 100, loadMs };
  const results = await Promise.all(workers.map(({ call }) => call.stampede(options)));
  const latency = summarizeLatencies(results.flatMap((result) => result.latenciesMs));
  const loads = results.reduce((sum, result) => sum + result.loads, 0);
  return { loads, ...latency };
}
