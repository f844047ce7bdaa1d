import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import type { ReadLoop, ReadResult } from "../contestants/cache/cache-worker";
import type { Row } from "../report/benchmark-report";
import type { BenchContext, Benchmark } from "../runner/benchmark";
import type { Entrant, RoundFigures } from "../runner/entrant";
import { runRounds } from "../runner/run-rounds";
import { cacheTitle, createCacheEntrant } from "./cache-entrants";
import type { CacheWorker } from "./cache-entrants";
import { judgeCacheReads } from "./cache-reads-targets";
import { flushRedis } from "./fill-keys";
import { closedLoopColumns, closedLoopMethod, measureBoth } from "./read-figures";
import { createRedisBenchmarkEntrant } from "./redis-benchmark-entrant";
import type { ToolWorker } from "./redis-benchmark-entrant";

/** One kind of read, and who can do it. */
interface ReadScenario {
  readonly title: string;
  readonly tier: "memory" | "redis" | "both";
  readonly tags: number;
  readonly oneKey?: boolean;
  readonly adapters: readonly CacheAdapterName[];
}

const raw = ["ioredis", "ioredis-pipelined"] as const;

const readScenarios: readonly ReadScenario[] = [
  {
    title: "memory hit",
    tier: "memory",
    tags: 0,
    adapters: ["ours", "map", "bentocache", "bentocache-unserialized", "cacheable", "async-cache-dedupe"],
  },
  ...[0, 1, 3, 5].map((tags): ReadScenario => ({
    title: `Redis hit, ${tags} tag${tags === 1 ? "" : "s"}`,
    tier: "redis",
    tags,
    adapters: ["ours", ...raw, "bentocache", "cacheable", "async-cache-dedupe"],
  })),
  {
    title: "both tiers, 3 tags",
    tier: "both",
    tags: 3,
    adapters: ["ours", ...raw, "bentocache", "bentocache-unserialized", "cacheable"],
  },
  {
    title: "Redis hit, one hot key",
    tier: "redis",
    tags: 0,
    oneKey: true,
    adapters: ["ours", ...raw, "bentocache", "cacheable", "async-cache-dedupe"],
  },
];

const readGroup = (scenario: ReadScenario, concurrency: number): string =>
  `${scenario.title}, ${concurrency} at once`;

const keyCount = 1000;
const concurrencies = [1, 64];

export const cacheReads: Benchmark = {
  name: "cache-reads",
  peers: ["bentocache", "cacheable", "async-cache-dedupe"],
  async run(context) {
    const redis = await context.startRedis("cache");
    const rows: Row[] = [];
    try {
      const { url: databaseUrl } = await context.openDatabase();
      for (const scenario of selectScenarios(context))
        rows.push(...(await runScenario(context, { redis, databaseUrl }, scenario)));
    } finally {
      await redis.stop();
    }
    return {
      name: "cache-reads",
      title: "Cache reads",
      method: `${closedLoopMethod}\n1 KB of JSON; 1,000 keys read at random (one where it says so), all stored before.`,
      columns: [...closedLoopColumns("reads"), { key: "missPercent", title: "misses %" }],
      baseline: { contestants: [cacheTitle("ioredis"), cacheTitle("map")], column: "operationsPerSecond" },
      rows,
      targets: judgeCacheReads(rows, concurrencies),
      remarks: [
        "raw ioredis is GET and JSON.parse and knows no tags, whatever the row; vibe-friend also checks a schema.",
        "CPU and latency of redis-benchmark are its own; it parses no JSON.",
      ],
    };
  },
};

interface Place {
  readonly redis: RedisServer;
  readonly databaseUrl: string;
}

/** Quickly means: one of each tier. */
function selectScenarios({ quick }: BenchContext): readonly ReadScenario[] {
  const brief = new Set(["memory hit", "Redis hit, 3 tags", "both tiers, 3 tags"]);
  return quick ? readScenarios.filter((scenario) => brief.has(scenario.title)) : readScenarios;
}

async function runScenario(
  context: BenchContext,
  place: Place,
  scenario: ReadScenario,
): Promise<readonly Row[]> {
  const { redis } = place;
  const { quick, onProgress } = context;
  const oneKey = scenario.oneKey === true;
  const rows: Row[] = [];
  for (const concurrency of concurrencies) {
    // Emptied, not restarted: another server would first have to be believed.
    await flushRedis(redis.url);
    const entrants = await createEntrants(context, place, { ...scenario, concurrency });
    const loop = { concurrency, durationMs: quick ? 100 : 600 };
    const measured = await runRounds({
      group: readGroup(scenario, concurrency),
      entrants,
      rounds: quick ? 2 : 7,
      onProgress,
      measure: ({ measureTool, call }) =>
        measureTool?.(loop) ?? measureReads(loop, (timing) => readFrom(call, { ...timing, oneKey })),
    });
    rows.push(...measured);
  }
  return rows;
}

/** Each cache gets a Redis database of its own, and a moment to become fast before the first round. */
async function createEntrants(
  context: BenchContext,
  { redis, databaseUrl }: Place,
  { tier, tags, adapters, concurrency, oneKey = false }: ReadScenario & { readonly concurrency: number },
): Promise<Entrant<Partial<CacheWorker & ToolWorker>>[]> {
  const { seed, quick } = context;
  const shared = {
    tier,
    databaseUrl,
    tagged: tags > 0,
    tagging: { kind: "count", count: tags } as const,
    keyCount,
    seed,
  };
  const entrants: Entrant<Partial<CacheWorker & ToolWorker>>[] = adapters.map((adapter, index) =>
    createCacheEntrant(
      context,
      { ...shared, adapter, redisUrl: `${redis.url}/${index}` },
      async ({ call }) => {
        await call.fill({ everyTenth: false });
        await readFrom(call, { concurrency, durationMs: quick ? 100 : 2000, timed: false, oneKey });
      },
    ),
  );
  const hasTool = tier === "redis" && tags === 0 && !oneKey;
  return hasTool ? [...entrants, await createRedisBenchmarkEntrant(redis)] : entrants;
}

type Timing = Omit<ReadLoop, "oneKey">;

async function measureReads(
  loop: Pick<ReadLoop, "concurrency" | "durationMs">,
  read: (timing: Timing) => Promise<ReadResult>,
): Promise<RoundFigures> {
  let missPercent = 0;
  const figures = await measureBoth(loop, async (timing) => {
    const result = await read(timing);
    missPercent = Math.max(missPercent, result.missPercent);
    return result;
  });
  return { ...figures, missPercent };
}

function readFrom(call: CacheWorker["call"] | undefined, loop: ReadLoop): Promise<ReadResult> {
  if (call === undefined) throw new Error("there is nobody to read from");
  return call.read(loop);
}
