import type { ZodType } from "zod";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { ok } from "../outcome";
import type { Guarded, Outcome } from "../outcome";
import { deserialize, jitterTtlMs, serialize } from "./cache-value";
import { createSingleFlight } from "./single-flight";

/** What a cache is made of. */
export interface CacheOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** milliseconds a value is kept unless a call says otherwise (REDIS_CACHE_TTL) */
  readonly ttlMs: number;
  readonly logger?: KitLogger;
}

/** How one value is kept. */
export interface CacheEntryOptions {
  /** milliseconds; the stored time-to-live is up to 10 % shorter, so that values made together don't end together */
  readonly ttlMs?: number;
}

/** How often what happened since the cache was made. */
export interface CacheCounts {
  readonly hits: number;
  readonly misses: number;
  /** values that did not fit their schema; each is also a miss */
  readonly corrupt: number;
  readonly faults: number;
  readonly loads: number;
}

/** Values that may vanish, in front of a source that has them. */
export interface Cache {
  /**
   * The cached value, or what `load` gives, which is then stored. Callers of the same key in this process
   * share one load. Redis away: `load` answers, as `degraded`. Rejects only with what `load` rejects with.
   */
  getOrLoad<T>(name: string, source: CacheSource<T>): Promise<Outcome<T>>;
  /** `ok` with undefined: not there, or not of this schema. */
  get<T>(name: string, schema: ZodType<T>): Promise<Guarded<T | undefined>>;
  set(name: string, value: unknown, options?: CacheEntryOptions): Promise<Guarded<void>>;
  /** Loads under way in this process don't store what they read before. `unavailable`: write it to the journal. */
  delete(...names: readonly string[]): Promise<Guarded<void>>;
  counts(): CacheCounts;
}

/** Where a value comes from when it is not cached. */
export interface CacheSource<T> extends CacheEntryOptions {
  readonly schema: ZodType<T>;
  load(): Promise<T>;
}

/** Cache-aside on the cache role. A value that no longer fits its schema is a counted miss, never an error. */
export function createCache(options: CacheOptions): Cache {
  const { role, keys, ttlMs: defaultTtlMs, logger = noLogger } = options;
  const flights = createSingleFlight();
  /** Names with a load under way, and whether a write or a deletion has overtaken it. */
  const loading = new Map<string, { overtaken: boolean }>();
  const counts = { hits: 0, misses: 0, corrupt: 0, faults: 0, loads: 0 };

  /** What a load under way read is older than what happens now: it must not be stored, nor be shared any more. */
  function overtake(name: string): void {
    const load = loading.get(name);
    if (load !== undefined) load.overtaken = true;
    flights.forget(name);
  }

  async function get<T>(name: string, schema: ZodType<T>): Promise<Guarded<T | undefined>> {
    if (role.health.status().mode === "recovering") {
      // Deletions made during the outage may not have reached Redis yet.
      counts.misses += 1;
      return ok(undefined);
    }
    const found = await role.guard.run("cache.get", name, (redis) => redis.get(keys.cache(name)));
    if (found.kind === "unavailable") {
      counts.faults += 1;
      return found;
    }
    const read = found.value === undefined ? undefined : deserialize(found.value, schema);
    if (read?.ok === true) {
      counts.hits += 1;
      return ok(read.value);
    }
    if (read !== undefined) {
      counts.corrupt += 1;
      logger.warn("a cached value is not of its schema and counts as missing", { name });
    }
    counts.misses += 1;
    return ok(undefined);
  }

  function store(name: string, value: unknown, ttlMs = defaultTtlMs): Promise<Guarded<void>> {
    return role.guard.run("cache.set", name, async (redis) => {
      await redis.set(keys.cache(name), serialize(value), { ttlMs: jitterTtlMs(ttlMs) });
    });
  }

  async function readThrough<T>(name: string, source: CacheSource<T>): Promise<Outcome<T>> {
    const found = await get(name, source.schema);
    if (found.kind === "ok" && found.value !== undefined) return ok(found.value);
    const load = { overtaken: false };
    loading.set(name, load);
    try {
      counts.loads += 1;
      const value = await source.load();
      if (found.kind === "unavailable") return { kind: "degraded", value, fault: found.fault };
      if (!load.overtaken) await store(name, value, source.ttlMs);
      return ok(value);
    } finally {
      if (loading.get(name) === load) loading.delete(name);
    }
  }

  return {
    get,
    getOrLoad: (name, source) => flights.run(name, () => readThrough(name, source)),
    set(name, value, entry) {
      overtake(name);
      return store(name, value, entry?.ttlMs);
    },
    delete(...names) {
      names.forEach(overtake);
      return role.guard.run("cache.delete", names.join(" "), async (redis) => {
        await redis.del(names.map(keys.cache));
      });
    },
    counts: () => ({ ...counts }),
  };
}
