import type { ConnectionSetup } from "../contestants/connection-worker";
import { startWorker } from "../process/worker-process";
import type { Row } from "../report/benchmark-report";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import { runRounds } from "../runner/run-rounds";
import { fillKeys } from "./fill-keys";
import { closedLoopColumns, closedLoopMethod, measureBoth } from "./read-figures";

const keyCount = 1000;
const poolSizes = [1, 2, 4, 10];
const adapters = ["ours", "ioredis", "ioredis-pipelined"] as const;
const titles = {
  ours: "vibe-friend",
  ioredis: "ioredis",
  "ioredis-pipelined": "ioredis, auto-pipelining",
} as const;

const titleOf = (adapter: ConnectionSetup["adapter"], poolSize: number): string =>
  `${titles[adapter]}, ${poolSize} connection${poolSize === 1 ? "" : "s"}`;

export const connections: Benchmark = {
  name: "connections",
  peers: [],
  async run(context) {
    const redis = await context.startRedis("cache");
    const rows: Row[] = [];
    try {
      await fillKeys(redis.url, keyCount);
      for (const concurrency of context.quick ? [1, 64] : [1, 64, 512]) {
        rows.push(...(await runGroup(context, redis.url, concurrency)));
      }
    } finally {
      await redis.stop();
    }
    return {
      name: "connections",
      title: "GET over pools of connections",
      method: `${closedLoopMethod}\n1 KB of text, not parsed; 1,000 keys at random; the least busy or the next connection takes each.`,
      columns: closedLoopColumns("GETs"),
      baseline: { contestants: [titleOf("ioredis", 1)], column: "operationsPerSecond" },
      rows,
      targets: [],
      remarks: ["vibe-friend goes through its guard: deadline, breaker, operation log."],
    };
  },
};

function runGroup(context: BenchContext, redisUrl: string, concurrency: number): Promise<Row[]> {
  const { quick, seed, onProgress } = context;
  const loop = { concurrency, durationMs: quick ? 100 : 400 };
  const sizes = quick ? [1, 4] : poolSizes;
  const entrants = adapters.flatMap((adapter) =>
    sizes.map((poolSize) => ({
      contestant: titleOf(adapter, poolSize),
      async open() {
        const worker = await startWorker("connection", { adapter, poolSize, redisUrl, keyCount, seed });
        await worker.call.get({ ...loop, durationMs: quick ? 100 : 1000, timed: false });
        return worker;
      },
    })),
  );
  return runRounds({
    group: `${concurrency} at once`,
    entrants,
    rounds: quick ? 2 : 5,
    onProgress,
    measure: ({ call }) => measureBoth(loop, (timing) => call.get(timing)),
  });
}
