import type { Redis } from "ioredis";
import type { RedisKeys } from "../keys";

/** How much looking through the keys may cost. */
export interface ScanBudget {
  /** milliseconds; default 500 */
  readonly timeMs?: number;
  /** keys looked at; default 50,000 */
  readonly keys?: number;
  /** keys of each group that are measured; default 20, 0 for none */
  readonly samples?: number;
}

/** The keys that begin alike. */
export interface KeyGroup {
  readonly prefix: string;
  /** as counted; in a partial look the share of what was looked at */
  readonly keys: number;
  /** scaled up to the whole database; equal to `keys` when the look was complete */
  readonly estimatedKeys: number;
  /** mean of the measured ones with their overhead; absent when none could be measured */
  readonly averageBytes?: number;
  readonly measuredKeys: number;
}

/** What lies in a node's database. */
export interface KeyspaceView {
  readonly totalKeys: number;
  readonly scannedKeys: number;
  /** true: the budget ended before the keys did, so all counts but `totalKeys` are shares and estimates */
  readonly partial: boolean;
  /** the largest first */
  readonly groups: readonly KeyGroup[];
}

/** Keys per SCAN: about a third of a millisecond of the server's time. */
const pageSize = 1000;

/** SCAN until the end or the budget's. A key that is there all the time is counted once at least. */
export async function scanKeyspace(
  node: Redis,
  keys: RedisKeys,
  { timeMs = 500, keys: mostKeys = 50_000, samples = 20 }: ScanBudget = {},
): Promise<KeyspaceView> {
  const endAt = performance.now() + timeMs;
  // The rest is for measuring.
  const scanEndAt = endAt - timeMs / 3;
  const totalKeys = await node.dbsize();
  const groupOf = createGrouping(keys);
  const groups = new Map<string, { keys: number; sample: string[] }>();
  let scannedKeys = 0;
  let cursor = "0";
  let isComplete = false;
  while (!isComplete && scannedKeys < mostKeys && performance.now() < scanEndAt) {
    const [next, page] = await node.scan(cursor, "COUNT", pageSize);
    for (const key of page) {
      const prefix = groupOf(key);
      const group = groups.get(prefix) ?? { keys: 0, sample: [] };
      groups.set(prefix, group);
      group.keys += 1;
      if (group.sample.length < samples) group.sample.push(key);
    }
    scannedKeys += page.length;
    cursor = next;
    isComplete = cursor === "0";
  }

  const scale = isComplete || scannedKeys === 0 ? 1 : Math.max(1, totalKeys / scannedKeys);
  const seen: KeyGroup[] = [];
  for (const [prefix, group] of groups) {
    const sizes = performance.now() < endAt ? await measure(node, group.sample) : [];
    const sum = sizes.reduce((total, bytes) => total + bytes, 0);
    seen.push({
      prefix,
      keys: group.keys,
      estimatedKeys: Math.round(group.keys * scale),
      ...(sizes.length === 0 ? {} : { averageBytes: Math.round(sum / sizes.length) }),
      measuredKeys: sizes.length,
    });
  }
  return {
    totalKeys,
    scannedKeys,
    partial: !isComplete,
    groups: seen.sort((a, b) => b.keys - a.keys || (a.prefix < b.prefix ? -1 : 1)),
  };
}

/** The prefixes of `keys`, the longest that fits; other keys by what stands before their first ":". */
export function createGrouping(keys: RedisKeys): (key: string) => string {
  const prefixes = listPrefixes(keys);
  return (key) =>
    prefixes.find((prefix) => key.startsWith(prefix)) ??
    (key.includes(":") ? `${key.split(":", 1)[0]}:` : "");
}

/** Longest first. */
export function listPrefixes(keys: RedisKeys): readonly string[] {
  const prefixes = [
    keys.session(""),
    keys.sessionIndex(""),
    keys.cache(""),
    keys.cacheTag(""),
    `${keys.queuePrefix}:`,
    keys.limit(""),
    keys.notify(""),
  ];
  return prefixes.sort((a, b) => b.length - a.length);
}

/** Sizes of those that are still there and that this user may look at. */
async function measure(node: Redis, sample: readonly string[]): Promise<number[]> {
  if (sample.length === 0) return [];
  const pipeline = node.pipeline();
  for (const key of sample) pipeline.memory("USAGE", key);
  const answers = (await pipeline.exec()) ?? [];
  return answers.flatMap(([error, bytes]) => (error === null && typeof bytes === "number" ? [bytes] : []));
}
