import type { RedisCommands } from "../connection/redis-commands";
import type { Invalidation } from "../journal/trust";
import type { RedisKeys } from "../keys";

/** Keys per command: a longer one would keep others waiting. */
const chunkLength = 512;

/**
 * Makes Redis forget values, and the leases under which they might still be stored: a load that began
 * before this never stores. A tag's token goes too, which leaves every value that carries it without a
 * match. Keys and tags are one command (in Cluster one wave); prefixes walk through all keys.
 */
export async function applyInvalidation(
  redis: RedisCommands,
  keys: RedisKeys,
  what: Omit<Invalidation, "hashes">,
): Promise<void> {
  const doomed = [
    // The lease first: where these are two steps, nothing may be stored between them.
    ...(what.keys ?? []).map(keys.cacheLease),
    ...(what.keys ?? []).map(keys.cache),
    ...(what.tags ?? []).map(keys.cacheTag),
  ];
  for (let from = 0; from < doomed.length; from += chunkLength) {
    await redis.unlink(doomed.slice(from, from + chunkLength));
  }
  for (const prefix of what.prefixes ?? []) {
    // Once no lease of before is left, no value of before can be added any more.
    const { leases, values } = keys.cachePatterns(prefix);
    await unlinkMatching(redis, leases);
    await unlinkMatching(redis, values);
  }
}

async function unlinkMatching(redis: RedisCommands, pattern: string): Promise<void> {
  for await (const page of redis.scan(pattern)) {
    if (page.length > 0) await redis.unlink(page);
  }
}
