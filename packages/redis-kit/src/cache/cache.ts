import { systemClock } from "../clock";
import { createBlindTrust } from "../journal/trust";
import { noLogger } from "../logger";
import { ok } from "../outcome";
import { createBeliever } from "./belief";
import { createBulkLeases } from "./bulk-leases";
import { createCacheFigures } from "./cache-figures";
import { createCacheMany } from "./cache-many";
import type { Cache, CacheOptions } from "./cache-types";
import { createCacheWrites } from "./cache-writes";
import { createCoalescedReads } from "./coalesced-reads";
import { createInvalidate, isNothing } from "./invalidate";
import { createInvalidationNews } from "./invalidation-news";
import { createInvalidationNotes } from "./invalidation-notes";
import { createLeaseWaits } from "./lease-waits";
import { createLeases } from "./leases";
import { ReloadFailed } from "./load-errors";
import { createLoads } from "./loads";
import { createLookUp } from "./look-up";
import { createMemoryReads } from "./memory-reads";
import { createMemoryTier } from "./memory-tier";
import { createReadThrough } from "./read-through";
import { createRefreshes } from "./refreshes";

export type { CacheCounts } from "./cache-counts";
export type {
  Cache,
  CacheAnswer,
  CacheEntry,
  CacheEntryOptions,
  CacheOptions,
  CacheRead,
  CacheReadOptions,
  CacheSource,
  CacheTier,
  LoadContext,
  ManyAnswer,
  ManySource,
  MemoryTierOptions,
  WriteThroughAnswer,
  WriteThroughSource,
} from "./cache-types";
export { LoadTimeout, ReloadFailed } from "./load-errors";

/** Where somebody tells of invalidations, memory may serve longer than where nobody does; milliseconds. */
const toldMemoryTtlMs = 10_000;
const untoldMemoryTtlMs = 1000;

/** Cache-aside on the cache role. A value that no longer fits its schema is a counted miss, never an error. */
export function createCache(options: CacheOptions): Cache {
  const { role, keys, ttlMs, bus, logger = noLogger, clock = systemClock } = options;
  const trust = options.trust ?? createBlindTrust(role);
  const { guard } = role;
  const figures = createCacheFigures(options);
  const notes = createInvalidationNotes();
  const believer = createBeliever(role, trust);
  const isTold = bus !== undefined || trust.isInformed !== undefined;
  const tier =
    options.memory === undefined
      ? undefined
      : createMemoryTier({
          maxBytes: options.memory.maxBytes,
          ttlMs: options.memory.ttlMs ?? (isTold ? toldMemoryTtlMs : untoldMemoryTtlMs),
          notes,
          metrics: figures.metrics,
        });
  const memory = createMemoryReads({ tier, believer, clock });
  const leases = createLeases({ guard, keys });
  const bulk = createBulkLeases({ guard, keys });
  const leaseWaits = createLeaseWaits(figures);
  const reads = createCoalescedReads(guard);
  const lookUp = createLookUp({ reads, believer, keys, clock, logger, counts: figures.counts });
  const loads = createLoads({ leases, believer, notes, memory: tier, figures, clock, logger, ttlMs });
  const refreshes = createRefreshes({ loads, figures, clock });
  const readThrough = createReadThrough({
    lookUp,
    loads,
    refreshes,
    notes,
    memory,
    leaseWaits,
    figures,
    clock,
  });
  const news = createInvalidationNews(bus, notes, logger);
  const invalidate = createInvalidate({ role, keys, trust, notes, news, figures, logger });
  const setMany = createCacheWrites({ bulk, believer, notes, news, figures, clock, ttlMs });
  const many = createCacheMany({ lookUp, bulk, leases, leaseWaits, notes, figures, clock, ttlMs });

  const endings = [
    trust.onInvalidated((what) => {
      notes.note(what);
    }),
    trust.onDoubt(() => {
      notes.noteAll();
      tier?.clear();
    }),
  ];

  const cache: Cache = {
    getOrLoad(name, source) {
      const kept = tier === undefined ? undefined : memory.findFresh(name, source);
      if (kept === undefined) return readThrough(name, source);
      figures.memoryHit();
      const epoch = kept.epoch;
      if (source.refreshAhead !== undefined && epoch !== undefined) {
        refreshes.startAhead(name, source, { ...kept, belief: { kind: "trusted", epoch } });
      }
      if (figures.observed) {
        figures.tell(performance.now(), { name, from: "memory", loadMs: 0, stale: false });
      }
      return kept.answer;
    },

    async get(name, schema, { tags = [] } = {}) {
      const startedAt = performance.now();
      const found = await lookUp({ name, schema, tags });
      const isHit = found.kind === "value" && found.isFresh;
      if (isHit) figures.read("redis", "hit");
      else figures.read("none", found.kind === "value" ? "miss" : found.outcome);
      if (figures.observed) {
        const read = { name, from: isHit ? "redis" : "none", loadMs: 0, stale: false } as const;
        figures.tell(startedAt, found.kind === "away" ? { ...read, fault: found.fault } : read);
      }
      if (found.kind === "away" && found.outcome === "fault")
        return { kind: "unavailable", fault: found.fault };
      return ok(isHit ? found.value : undefined);
    },

    async set(name, value, entry = {}) {
      const [outcome] = await setMany([{ ...entry, name, value }]);
      return outcome ?? ok(undefined);
    },
    setMany,
    ...many,

    delete: (...names) => cache.invalidate({ keys: names }),
    invalidate: (what, row) => (isNothing(what) ? Promise.resolve(ok(undefined)) : invalidate(what, row)),

    async writeThrough(name, source) {
      const written = await source.write();
      const journalId = source.journalId?.(written);
      const what = { ...source.invalidates, keys: [name, ...(source.invalidates?.keys ?? [])] };
      const invalidated = await invalidate(what, journalId === undefined ? {} : { journalId });
      try {
        const read = await readThrough(name, source);
        return { written, value: read.value, read, invalidated };
      } catch (error) {
        throw new ReloadFailed(written, error);
      }
    },

    counts: () => ({ ...figures.counts }),

    async close() {
      for (const end of endings) end();
      tier?.clear();
      await news.close();
    },
  };
  return cache;
}
