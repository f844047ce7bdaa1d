import { randomUUID } from "node:crypto";
import type { PipelineAnswer, PipelineStep } from "../connection/redis-commands";
import type { Guard } from "../degradation/guard";
import { toRedisFault } from "../errors";
import type { RedisKeys } from "../keys";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import { leaseMs, tagTokenMs, toTokens } from "./leases";
import type { Lease } from "./leases";

/** A value whose lease is wanted. */
export interface Wanted {
  readonly name: string;
  readonly tags: readonly string[];
}

/** A value to be stored under its lease. */
export interface Leased {
  readonly lease: Lease;
  readonly text: string;
  readonly ttlMs: number;
}

/** Leases of several values at once. */
export interface BulkLeases {
  /** One pipeline, in the order of `wanted`; undefined: somebody else has it. `force`: take it from them. */
  acquire(
    wanted: readonly Wanted[],
    options: { readonly force: boolean },
  ): Promise<readonly Guarded<Lease | undefined>[]>;
  /** One pipeline; `ok` with false: that lease stands no more, and that value was not stored. */
  store(values: readonly Leased[]): Promise<readonly Guarded<boolean>[]>;
}

export function createBulkLeases({ guard, keys }: { guard: Guard; keys: RedisKeys }): BulkLeases {
  async function run(name: string, steps: readonly PipelineStep[]): Promise<Guarded<PipelineAnswer[]>> {
    return guard.run(name, `${steps.length} steps`, (redis) => redis.pipeline(steps));
  }

  return {
    async acquire(wanted, { force }) {
      if (wanted.length === 0) return [];
      const leases = wanted.map(({ name }) => ({ name, token: randomUUID() }));
      const tags = [...new Set(wanted.flatMap((one) => one.tags))];
      const only = force ? {} : { only: "absent" as const };
      const answer = await run("cache.lease", [
        ...leases.map(({ name, token }) => {
          return {
            command: "set",
            key: keys.cacheLease(name),
            value: token,
            ttlMs: leaseMs,
            ...only,
          } as const;
        }),
        ...tags.map((tag) => {
          return {
            command: "getOrSet",
            key: keys.cacheTag(tag),
            value: randomUUID(),
            ttlMs: tagTokenMs,
          } as const;
        }),
      ]);
      if (answer.kind === "unavailable") return wanted.map(() => answer);
      const texts = answer.value
        .slice(leases.length)
        .map((token) => (token.ok ? String(token.value) : undefined));
      const current = toTokens(tags, texts);
      return wanted.map((one, place): Guarded<Lease | undefined> => {
        const taken = answer.value[place];
        const lease = leases[place];
        const tokens = toTokens(
          one.tags,
          one.tags.map((tag) => current[tag]),
        );
        if (taken?.ok === false) return { kind: "unavailable", fault: toRedisFault(taken.error) };
        return ok(isDone(taken) && lease !== undefined ? { ...lease, tokens } : undefined);
      });
    },

    async store(values) {
      if (values.length === 0) return [];
      const answer = await run(
        "cache.set",
        values.map(({ lease: { name, token }, text, ttlMs }) => {
          const stored = { lease: keys.cacheLease(name), token, value: text, ttlMs };
          return { command: "storeLeased", key: keys.cache(name), ...stored } as const;
        }),
      );
      if (answer.kind === "unavailable") return values.map(() => answer);
      return values.map((_, place): Guarded<boolean> => {
        const stored = answer.value[place];
        if (stored?.ok === false) return { kind: "unavailable", fault: toRedisFault(stored.error) };
        return ok(isDone(stored));
      });
    },
  };
}

/** A pipeline of the server gives "OK" and 1; one that runs side by side gives true. */
function isDone(answer: PipelineAnswer | undefined): boolean {
  return answer?.ok === true && (answer.value === "OK" || answer.value === 1 || answer.value === true);
}
