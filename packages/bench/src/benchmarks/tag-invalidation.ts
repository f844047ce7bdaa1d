import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import { findMedian } from "../report/benchmark-report";
import type { Row, TargetResult } from "../report/benchmark-report";
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
const readsPerSecond = 1000;
/** The reader is looked at for at least this long from the invalidation on; milliseconds. */
const windowMs = 250;

/** One process invalidates, another reads entries that are not touched by it. */
interface Parties {
  readonly writer: CacheWorker;
  readonly reader: CacheWorker;
}

export const tagInvalidation: Benchmark = {
  name: "tag-invalidation",
  peers: ["bentocache", "cacheable", "async-cache-dedupe"],
  async run(context) {
    const keyCount = context.quick ? 5000 : 100_000;
    const rows: Row[] = [];
    // One after the other, each on a server of its own: the work is the server's, and 100,000 entries of five are too many.
    for (const adapter of adapters) rows.push(...(await runAlone(context, adapter, keyCount)));
    return {
      name: "tag-invalidation",
      title: "Invalidating a tag",
      method:
        `${keyCount.toLocaleString("en-US")} entries in Redis, a tenth of them carries the tag. Another process reads entries without it, ` +
        `open loop, ${readsPerSecond}/s;\n"during" is from the invalidation to its end, at least ${windowMs} ms. Afterwards every tagged entry that is ` +
        "looked at must be\nloaded anew, every other must not.",
      columns: [
        { key: "invalidateMs", title: "invalidate ms" },
        { key: "beforeP50Ms", title: "reads p50 before" },
        { key: "duringP50Ms", title: "during" },
        { key: "beforeP99Ms", title: "p99 before" },
        { key: "duringP99Ms", title: "during" },
        { key: "duringMaxMs", title: "max during" },
      ],
      baseline: { contestants: [cacheTitle("ioredis")], column: "invalidateMs" },
      rows,
      targets: judge(rows, groupOf(keyCount)),
      remarks: ["raw ioredis keeps a set of names for each tag, and deletes them a thousand at a time."],
    };
  },
};

const groupOf = (keyCount: number): string =>
  `${(keyCount / 10).toLocaleString("en-US")} entries with the tag`;

async function runAlone(context: BenchContext, adapter: CacheAdapterName, keyCount: number): Promise<Row[]> {
  const redis = await context.startRedis("cache");
  try {
    const { url: databaseUrl } = await context.openDatabase();
    return await runRounds({
      group: groupOf(keyCount),
      entrants: [createParties(context, adapter, { redisUrl: redis.url, databaseUrl, keyCount })],
      rounds: context.quick ? 2 : 7,
      onProgress: context.onProgress,
      measure: (parties) => measureInvalidation(parties, keyCount),
    });
  } finally {
    await redis.stop();
  }
}

function createParties(
  context: BenchContext,
  adapter: CacheAdapterName,
  { redisUrl, databaseUrl, keyCount }: { redisUrl: string; databaseUrl: string; keyCount: number },
): Entrant<Parties> {
  const setup = {
    adapter,
    redisUrl: `${redisUrl}/0`,
    databaseUrl,
    tier: "redis",
    tagged: true,
    tagging: { kind: "tenth" },
    keyCount,
    seed: context.seed,
  } as const;
  const half = createCacheEntrant(context, setup, () => Promise.resolve());
  return {
    ...half,
    async open() {
      const writer = await half.open();
      try {
        context.onProgress(`filling ${keyCount.toLocaleString("en-US")} entries, ${half.contestant}`);
        await writer.call.fill({ everyTenth: false });
        const reader = await half.open();
        await reader.call.read({ concurrency: 16, durationMs: 500, timed: false, oneKey: false });
        return {
          writer,
          reader,
          async stop() {
            await Promise.all([writer.stop(), reader.stop()]);
          },
        };
      } catch (error) {
        await writer.stop();
        throw error;
      }
    },
  };
}

async function measureInvalidation({ writer, reader }: Parties, keyCount: number) {
  const tagged = Array.from({ length: keyCount / 10 }, (_, index) => index * 10);
  const sample = tagged.filter((_, index) => index % 50 === 0);
  await reader.call.startSteadyReads({ perSecond: readsPerSecond, loadMs: 0, coldOnly: true });
  await sleep(300);
  const before = nowMs();
  await sleep(700);
  const change = await writer.call.change({ indexes: tagged, by: "tag", giveUpMs: 60_000 });
  await sleep(Math.max(0, change.startedAt + windowMs - nowMs()));
  const until = Math.max(change.endedAt, change.startedAt + windowMs);
  const samples = await reader.call.stopSteadyReads(2000);
  if (change.fault !== undefined) throw new Error(`invalidating failed: ${change.fault}`);
  const unmoved = samples.filter((one) => one.outcome === "ok");
  if (unmoved.length < samples.length)
    throw new Error(`${samples.length - unmoved.length} reads were no hits`);
  await reader.call.noteChange(tagged);
  // The other process looks: what it reads comes past the first one's memory. Its loads fill the cache again.
  const loads = await reader.call.verify(sample);
  if (loads < sample.length) throw new Error(`${sample.length - loads} tagged entries were not invalidated`);
  await writer.call.fill({ everyTenth: true });
  const between = (from: number, to: number) =>
    summarizeLatencies(
      unmoved.filter(({ atMs }) => atMs >= from && atMs < to).map(({ latencyMs }) => latencyMs),
    );
  const calm = between(before, change.startedAt);
  const during = between(change.startedAt, until);
  if (calm === undefined || during === undefined) throw new Error("nobody read meanwhile");
  return {
    invalidateMs: change.endedAt - change.startedAt,
    beforeP50Ms: calm.p50Ms,
    duringP50Ms: during.p50Ms,
    beforeP99Ms: calm.p99Ms,
    duringP99Ms: during.p99Ms,
    duringMaxMs: during.maxMs,
  };
}

function judge(rows: readonly Row[], group: string): TargetResult[] {
  const of = (column: string) => findMedian(rows, { group, contestant: cacheTitle("ours"), column });
  const [durationMs, beforeMs, duringMs] = [of("invalidateMs"), of("beforeP99Ms"), of("duringP99Ms")];
  const texts = [
    "invalidating a tag takes at most 1 ms",
    "a reader's p99 stays below twice what it was before, or within 1 ms of it",
  ] as const;
  if (durationMs === undefined || beforeMs === undefined || duringMs === undefined) {
    return texts.map((text) => ({ text, status: "not measured" }));
  }
  const isUnmoved = duringMs <= Math.max(2 * beforeMs, beforeMs + 1);
  return [
    { text: texts[0], status: durationMs <= 1 ? "met" : "missed", measured: `${durationMs.toFixed(2)} ms` },
    {
      text: texts[1],
      status: isUnmoved ? "met" : "missed",
      measured: `${beforeMs.toFixed(2)} ms, then ${duringMs.toFixed(2)} ms`,
    },
  ];
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
