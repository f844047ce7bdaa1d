import type { ZodType } from "zod";
import { noLogger } from "../logger";
import { ok } from "../outcome";
import type { Guarded } from "../outcome";
import { applyInvalidation } from "./apply-invalidation";
import { createTally } from "./cache-counts";
import type { Cache, CacheAnswer, CacheOptions, CacheSource } from "./cache-types";
import { deserialize, jitterTtlMs, serialize } from "./cache-value";
import { createSingleFlight } from "./single-flight";

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

/** Cache-aside on the cache role. A value that no longer fits its schema is a counted miss, never an error. */
export function createCache(options: CacheOptions): Cache {
  const { role, keys, ttlMs: defaultTtlMs, logger = noLogger } = options;
  const flights = createSingleFlight();
  /** Names with a load under way, and whether a write or a deletion has overtaken it. */
  const loading = new Map<string, { overtaken: boolean }>();
  const counts = createTally();

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

  async function readThrough<T>(name: string, source: CacheSource<T>): Promise<CacheAnswer<T>> {
    const found = await get(name, source.schema);
    if (found.kind === "ok" && found.value !== undefined)
      return { kind: "ok", value: found.value, from: "redis", stale: false };
    const load = { overtaken: false };
    loading.set(name, load);
    try {
      counts.loads += 1;
      const value = await source.load({ signal: new AbortController().signal, ttl: () => undefined });
      if (found.kind === "unavailable")
        return { kind: "degraded", value, from: "source", stale: false, fault: found.fault };
      if (!load.overtaken) await store(name, value, source.ttlMs);
      return { kind: "ok", value, from: "source", stale: false };
    } finally {
      if (loading.get(name) === load) loading.delete(name);
    }
  }

  const cache: Cache = {
    get,
    getOrLoad: (name, source) => flights.run(name, () => readThrough(name, source)),
    set(name, value, entry) {
      overtake(name);
      return store(name, value, entry?.ttlMs);
    },
    delete: (...names) => cache.invalidate({ keys: names }),
    async getMany<T>(names: readonly string[], schema: ZodType<T>) {
      const found = new Map<string, T>();
      for (const name of names) {
        const one = await get(name, schema);
        if (one.kind === "unavailable") return one;
        if (one.value !== undefined) found.set(name, one.value);
      }
      return ok(found);
    },
    setMany: (entries) =>
      Promise.all(entries.map(({ name, value, ...options }) => cache.set(name, value, options))),
    async loadMany(names, source) {
      const found = await cache.getMany(names, source.schema);
      const values = new Map(found.kind === "ok" ? found.value : []);
      const missing = names.filter((name) => !values.has(name));
      const context = { signal: new AbortController().signal, ttl: () => undefined };
      const loaded = missing.length === 0 ? [] : await source.loadMissing(missing, context);
      for (const [name, value] of loaded) values.set(name, value);
      return found.kind === "ok"
        ? { kind: "ok", value: values }
        : { kind: "degraded", value: values, fault: found.fault };
    },
    async writeThrough(name, source) {
      const written = await source.write();
      const invalidated = await cache.delete(name);
      const read = await cache.getOrLoad(name, source);
      return { written, value: read.value, read, invalidated };
    },
    invalidate(what) {
      what.keys?.forEach(overtake);
      return role.guard.run("cache.invalidate", (what.keys ?? []).join(" "), (redis) =>
        applyInvalidation(redis, keys, what),
      );
    },
    counts: () => ({ ...counts }),
    close: () => Promise.resolve(),
  };
  return cache;
}
