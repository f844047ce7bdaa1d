import type { Row, TargetResult } from "../report/benchmark-report";
import { judgeRatio } from "../report/judge-target";
import { cacheTitle } from "./cache-entrants";

const column = "operationsPerSecond";
const bentocache = [cacheTitle("bentocache"), cacheTitle("bentocache-unserialized")];

/** What a cache is to reach; against the faster one where a peer or a client can be set up in two ways. */
export function judgeCacheReads(rows: readonly Row[], concurrencies: readonly number[]): TargetResult[] {
  const contestant = cacheTitle("ours");
  const groups = (title: string): string[] => concurrencies.map((count) => `${title}, ${count} at once`);
  const common = { contestant, column };
  return [
    judgeRatio(rows, {
      ...common,
      text: "a Redis hit without tags is at least 0.9x raw ioredis",
      groups: groups("Redis hit, 0 tags"),
      against: [cacheTitle("ioredis")],
      atLeast: 0.9,
    }),
    judgeRatio(rows, {
      ...common,
      text: "a Redis hit with 3 tags is at least 0.9x a raw GET without",
      groups: groups("Redis hit, 3 tags"),
      against: [cacheTitle("ioredis")],
      atLeast: 0.9,
    }),
    judgeRatio(rows, {
      ...common,
      text: "both tiers with tags are at least 2x bentocache",
      groups: groups("both tiers, 3 tags"),
      against: bentocache,
      atLeast: 2,
    }),
    judgeRatio(rows, {
      ...common,
      text: "both tiers with tags are at least 1x raw ioredis",
      groups: groups("both tiers, 3 tags"),
      against: [cacheTitle("ioredis")],
      atLeast: 1,
    }),
    judgeRatio(rows, {
      ...common,
      text: "a memory hit is at least 3x bentocache",
      groups: groups("memory hit"),
      against: bentocache,
      atLeast: 3,
    }),
  ];
}
