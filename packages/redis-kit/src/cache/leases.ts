import { randomUUID } from "node:crypto";
import type { RedisCommands } from "../connection/redis-commands";
import { withoutRedisBudget } from "../degradation/budget";
import type { Guard } from "../degradation/guard";
import type { RedisKeys } from "../keys";
import type { Guarded } from "../outcome";
import type { TagTokens } from "./cache-envelope";

/** After the death of a holder the next one waits for this at most; milliseconds. */
export const leaseMs = 1500;
const renewEveryMs = 500;
/** A load that hangs gives its place to another one after this; milliseconds. */
const longestHoldMs = 30_000;
/** A tag's token outlives the values that carry it; when it doesn't, they are loaded anew. Milliseconds. */
export const tagTokenMs = 7 * 24 * 3_600_000;

/** The right to store one value. It ends by itself, with an invalidation, or with what is stored. */
export interface Lease {
  readonly name: string;
  readonly token: string;
  /** what the value's tags had when the lease was taken */
  readonly tokens: TagTokens;
}

/** Who may load and store which value, in all processes that share a Redis. */
export interface Leases {
  /**
   * `ok` with undefined: somebody else has it. A lease whose taking timed out may have been taken: it is
   * not ours, and ends by itself.
   *
   * @param options `force`: take it from whoever has it; `deadlineMs`: of the one round trip
   */
  acquire(
    name: string,
    tags: readonly string[],
    options: { readonly force: boolean; readonly deadlineMs: number },
  ): Promise<Guarded<Lease | undefined>>;
  /** Keeps it for as long as its load takes. @returns ends the keeping */
  keep(lease: Lease): () => void;
  /** `ok` with false: the lease stands no more, and nothing was stored */
  store(
    lease: Lease,
    stored: { readonly text: string; readonly ttlMs: number },
    deadlineMs: number,
  ): Promise<Guarded<boolean>>;
  /** Lets the next one load at once. */
  release(lease: Lease): void;
}

/** Leases as Facebook's memcache has them (Nishtala et al., NSDI 2013). */
export function createLeases({ guard, keys }: { guard: Guard; keys: RedisKeys }): Leases {
  return {
    acquire(name, tags, { force, deadlineMs }) {
      const token = randomUUID();
      return guard.run({ name: "cache.lease", deadlineMs }, name, async (redis) => {
        const options = force ? { ttlMs: leaseMs } : { ttlMs: leaseMs, only: "absent" as const };
        const [taken, tokens] = await Promise.all([
          redis.set(keys.cacheLease(name), token, options),
          snapshotTags(redis, keys, tags),
        ]);
        return taken ? { name, token, tokens } : undefined;
      });
    },

    keep({ name, token }) {
      const endsAt = performance.now() + longestHoldMs;
      const timer = setInterval(() => {
        if (performance.now() > endsAt) clearInterval(timer);
        else void renew();
      }, renewEveryMs).unref();

      async function renew(): Promise<void> {
        const renewed = await withoutRedisBudget(() =>
          guard.run("cache.renew", name, (redis) =>
            redis.compareAndExpire(keys.cacheLease(name), token, leaseMs),
          ),
        );
        if (renewed.kind === "ok" && !renewed.value) clearInterval(timer);
      }

      return () => {
        clearInterval(timer);
      };
    },

    store: ({ name, token }, { text, ttlMs }, deadlineMs) =>
      guard.run({ name: "cache.set", deadlineMs }, name, (redis) =>
        redis.storeLeased(keys.cache(name), { lease: keys.cacheLease(name), token, value: text, ttlMs }),
      ),

    release({ name, token }) {
      void withoutRedisBudget(() =>
        guard.run("cache.release", name, (redis) => redis.compareAndDelete(keys.cacheLease(name), token)),
      );
    },
  };
}

/** The tags' tokens; those without one get a new one, at random, so that it never was another's. */
async function snapshotTags(
  redis: RedisCommands,
  keys: RedisKeys,
  tags: readonly string[],
): Promise<TagTokens> {
  if (tags.length === 0) return {};
  const tokens = await Promise.all(
    tags.map((tag) => redis.getOrSet(keys.cacheTag(tag), randomUUID(), tagTokenMs)),
  );
  return toTokens(tags, tokens);
}

/** Tags by name, without a prototype, since any text may be a tag. */
export function toTokens(tags: readonly string[], texts: readonly (string | undefined)[]): TagTokens {
  const tokens = Object.create(null) as Record<string, string>;
  tags.forEach((tag, place) => {
    const text = texts[place];
    if (text !== undefined) tokens[tag] = text;
  });
  return tokens;
}
