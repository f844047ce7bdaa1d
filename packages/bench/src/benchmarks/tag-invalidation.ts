import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import { findMedian } from "../report/benchmark-report";
import type { Row, TargetResult } from "../report/benchmark-report";
import type { Benchmark } from "../runner/benchmark";
import { runRounds } from "../runner/run-rounds";
import { cacheTitle } from "./cache-entrants";
import { measureInvalidation, readsPerSecond, windowMs } from "./measure-tag-invalidation";
import { createTagParties } from "./tag-parties";

const adapters: readonly CacheAdapterName[] = [
  "ours",
  "ioredis",
  "bentocache",
  "cacheable",
  "async-cache-dedupe",
];

export const tagInvalidation: Benchmark = {
  name: "tag-invalidation",
  peers: ["bentocache", "cacheable", "async-cache-dedupe"],
  async run(context) {
    const keyCount = context.quick ? 5000 : 100_000;
    const rows = await runRounds({
      group: groupOf(keyCount),
      entrants: adapters.map((adapter) => createTagParties(context, adapter, keyCount)),
      rounds: context.quick ? 2 : 7,
      onProgress: context.onProgress,
      measure: (parties) => measureInvalidation(parties, keyCount),
    });
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
