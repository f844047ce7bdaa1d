import type { ZodType } from "zod";
import type { Clock } from "../clock";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { Guarded, Outcome } from "../outcome";

/** What a cache is made of. */
export interface CacheOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** milliseconds a value is kept unless a call says otherwise (REDIS_CACHE_TTL) */
  readonly ttlMs: number;
  readonly clock?: Clock;
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
  /** Also keeps loads that are under way in this process from storing what they read before. */
  delete(...names: readonly string[]): Promise<Guarded<void>>;
  counts(): CacheCounts;
}

/** Where a value comes from when it is not cached. */
export interface CacheSource<T> extends CacheEntryOptions {
  readonly schema: ZodType<T>;
  load(): Promise<T>;
}

export function createCache(options: CacheOptions): Cache {
  throw new Error(`not yet ${options.ttlMs}`);
}
