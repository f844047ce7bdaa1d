import type { Clock } from "../clock";
import type { Believer } from "./belief";
import type { CacheReadOptions } from "./cache-types";
import type { FoundValue } from "./look-up";
import type { Kept, MemoryTier } from "./memory-tier";

const noTags: readonly string[] = [];

/** When a read from Redis began: `since` of the notes, `readAtMs` on the clock. */
export interface ReadBegin {
  readonly since: number;
  readonly readAtMs: number;
}

/** This process's memory as reads see it; without a memory tier it never has anything. */
export interface MemoryReads {
  findFresh<T>(name: string, options: CacheReadOptions<T>): Kept<T> | undefined;
  /** One that may be used when everything else fails: within its grace, and not known to be invalidated. */
  findStale<T>(name: string, options: CacheReadOptions<T>): Kept<T> | undefined;
  /** Keeps what Redis has answered, and freezes it. */
  keep<T>(
    name: string,
    options: CacheReadOptions<T>,
    read: ReadBegin & { readonly found: FoundValue<T> },
  ): void;
}

/** What it is made of. */
export interface MemoryReadsParts {
  readonly tier: MemoryTier | undefined;
  readonly believer: Believer;
  readonly clock: Clock;
}

export function createMemoryReads({ tier, believer, clock }: MemoryReadsParts): MemoryReads {
  function find<T>(name: string, { schema, tags, memory }: CacheReadOptions<T>): Kept<T> | undefined {
    return memory === false ? undefined : tier?.find(name, schema, tags ?? noTags);
  }

  return {
    findFresh(name, options) {
      const kept = find(name, options);
      if (kept === undefined) return undefined;
      const nowMs = clock();
      if (nowMs >= kept.servedUntilMs) return undefined;
      return believer.mayRemember(kept.epoch, nowMs - kept.readAtMs) ? kept : undefined;
    },
    findStale(name, options) {
      const kept = find(name, options);
      const usableUntilMs = (kept?.freshUntilMs ?? 0) + (options.graceMs ?? 0);
      return clock() < usableUntilMs ? kept : undefined;
    },
    keep(name, options, { found, since, readAtMs }) {
      if (tier === undefined || options.memory === false) return;
      const tags = options.tags ?? noTags;
      const { envelope } = found;
      tier.put(name, {
        value: found.value,
        schema: options.schema,
        tags,
        carried: envelope.g === undefined ? tags : Object.keys(envelope.g),
        length: found.length,
        since,
        readAtMs,
        storedAtMs: envelope.t,
        freshUntilMs: envelope.f,
        epoch: found.belief.epoch,
      });
    },
  };
}
