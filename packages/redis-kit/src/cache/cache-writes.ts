import type { Clock } from "../clock";
import { RedisFault, describeError } from "../errors";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import { notBelieved } from "./belief";
import type { Belief, Believer } from "./belief";
import type { BulkLeases } from "./bulk-leases";
import type { CacheFigures } from "./cache-figures";
import type { CacheEntry } from "./cache-types";
import type { InvalidationNews } from "./invalidation-news";
import type { InvalidationNotes } from "./invalidation-notes";
import { createStorable } from "./storable";
import type { Storable } from "./storable";

/** Entries per pipeline: a longer one would keep others waiting. */
const chunkLength = 256;

/** What writing needs. */
export interface CacheWritesParts {
  readonly bulk: BulkLeases;
  readonly believer: Believer;
  readonly notes: InvalidationNotes;
  readonly news: InvalidationNews;
  readonly figures: CacheFigures;
  readonly clock: Clock;
  readonly ttlMs: number;
}

interface Writable {
  readonly name: string;
  readonly tags: readonly string[];
  readonly belief: Belief;
  readonly storable: Storable;
}

/** Stores values under leases taken from whoever loads them, so that neither they nor a late command win over them. */
export function createCacheWrites(parts: CacheWritesParts) {
  const { bulk, believer, notes, news, figures, clock } = parts;

  return async function setMany(entries: readonly CacheEntry[]): Promise<readonly Guarded<void>[]> {
    const outcomes: Guarded<void>[] = [];
    for (let from = 0; from < entries.length; from += chunkLength) {
      outcomes.push(...(await setChunk(entries.slice(from, from + chunkLength))));
    }
    return outcomes;
  };

  async function setChunk(entries: readonly CacheEntry[]): Promise<readonly Guarded<void>[]> {
    const names = { keys: entries.map(({ name }) => name) };
    notes.note(names);
    const prepared = entries.map(prepare);
    const writable = prepared.flatMap((one) => (one instanceof RedisFault ? [] : [one]));
    const outcomes = new Map(await write(writable));
    // What was read in between was of before.
    notes.note(names);
    news.tell(names);
    return prepared.map((one): Guarded<void> => {
      const fault = one instanceof RedisFault ? one : outcomes.get(one);
      if (fault === undefined) return ok(undefined);
      figures.counts.faults += 1;
      return { kind: "unavailable", fault };
    });
  }

  function prepare({ name, value, tags = [], ttlMs }: CacheEntry): Writable | RedisFault {
    const belief = believer.believe(name, tags);
    if (belief === undefined) return notBelieved();
    try {
      const storable = createStorable(value, {}, { ttlMs, defaultTtlMs: parts.ttlMs });
      return storable === undefined
        ? new RedisFault("failed", "a time-to-live is more than 0 ms")
        : { name, tags, belief, storable };
    } catch (error) {
      return new RedisFault("failed", describeError(error), { cause: error });
    }
  }

  /** @returns the faults; what was overtaken by an invalidation is done all the same */
  async function write(values: readonly Writable[]): Promise<[Writable, RedisFault][]> {
    const leases = await bulk.acquire(values, { force: true });
    const faults: [Writable, RedisFault][] = [];
    const leased = values.flatMap((value, place) => {
      const lease = leases[place];
      if (lease?.kind === "unavailable") faults.push([value, lease.fault]);
      return lease?.kind === "ok" && lease.value !== undefined ? [{ value, lease: lease.value }] : [];
    });
    const stored = await bulk.store(
      leased.map(({ value: { belief, storable }, lease }) => ({
        lease,
        text: storable.format({ epoch: belief.epoch, nowMs: clock(), tokens: lease.tokens }),
        ttlMs: storable.lifeMs,
      })),
    );
    leased.forEach(({ value }, place) => {
      const one = stored[place];
      if (one?.kind === "unavailable") faults.push([value, one.fault]);
      if (one?.kind === "ok" && !one.value) figures.counts.overtaken += 1;
    });
    return faults;
  }
}
