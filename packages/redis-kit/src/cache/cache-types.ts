import type { ZodType } from "zod";
import type { Bus } from "../bus/bus";
import type { Clock } from "../clock";
import type { RedisRole } from "../connection/redis-role";
import type { RedisFault } from "../errors";
import type { Invalidation, RedisTrust } from "../journal/trust";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { KitMetrics } from "../metrics";
import type { Guarded, Outcome } from "../outcome";
import type { CacheCounts } from "./cache-counts";

/** What a cache is made of. */
export interface CacheOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** milliseconds a value is fresh unless a call says otherwise (REDIS_CACHE_TTL) */
  readonly ttlMs: number;
  /** whether what Redis holds may be believed; default: whenever the role is normal */
  readonly trust?: RedisTrust;
  /** tells other processes' memory tiers of invalidations, on the topic `cache-invalidated` */
  readonly bus?: Bus;
  /** values this process keeps itself; without it every read asks Redis */
  readonly memory?: MemoryTierOptions;
  readonly logger?: KitLogger;
  readonly metrics?: KitMetrics;
  readonly clock?: Clock;
  /** Told of every read, after its answer is known. Called on hot paths: must neither block nor throw. */
  readonly onRead?: (read: CacheRead) => void;
}

/** The memory tier of one process. */
export interface MemoryTierOptions {
  /** bytes of all values together, as estimated from their JSON; the least used go first */
  readonly maxBytes: number;
  /** milliseconds a value is served from memory; default 10,000 with a bus or a journal behind `trust`, else 1000 */
  readonly ttlMs?: number;
}

/** How one value is kept. */
export interface CacheEntryOptions {
  /** milliseconds; the stored time is up to 10 % shorter, so that values made together don't end together */
  readonly ttlMs?: number;
  /** Invalidating one of these invalidates the value. */
  readonly tags?: readonly string[];
}

/** What a load is given. */
export interface LoadContext {
  /** Aborted when the hard deadline is over: nobody waits any more and nothing will be stored. */
  readonly signal: AbortSignal;
  /** Sets this one value's time-to-live, in milliseconds; 0: not stored. */
  ttl(ms: number): void;
}

/** How values of one kind are read and kept. */
export interface CacheReadOptions<T> extends CacheEntryOptions {
  /** Checked at every read from Redis. Keep it in a constant: the memory tier tells kinds of values apart by it. */
  readonly schema: ZodType<T>;
  /** milliseconds after its time in which a value is answered as stale while it is loaded anew behind the answer */
  readonly staleWhileRevalidateMs?: number;
  /** milliseconds after its time in which a value is answered as stale when the source fails or is late */
  readonly graceMs?: number;
  /** milliseconds of waiting after which a value within its grace is answered; the load goes on */
  readonly softDeadlineMs?: number;
  /** milliseconds of waiting after which a value within its grace, or else LoadTimeout, is the answer */
  readonly hardDeadlineMs?: number;
  /**
   * milliseconds another process's load is waited for (default 3000); then this one loads itself, and what the other
   * one gives is not stored any more. A load that hangs, or that began before an invalidation, holds nobody up longer.
   */
  readonly loadWaitMs?: number;
  /** milliseconds null and undefined are kept; default as other values; 0: not stored */
  readonly negativeTtlMs?: number;
  /** false: never from nor into this process's memory (permission decisions) */
  readonly memory?: boolean;
  /** Part of its life (0 to 1) after which an access loads a value anew in the background, as in 0.8. */
  readonly refreshAhead?: number;
}

/** Where a value comes from when it is not cached. */
export interface CacheSource<T> extends CacheReadOptions<T> {
  load(context: LoadContext): Promise<T>;
}

/** Where several values come from. What the map lacks is missing in the source too. */
export interface ManySource<T> extends Pick<
  CacheReadOptions<T>,
  "schema" | "ttlMs" | "tags" | "graceMs" | "hardDeadlineMs" | "loadWaitMs"
> {
  loadMissing(names: readonly string[], context: LoadContext): Promise<ReadonlyMap<string, T>>;
}

/** A write to the source, and how what it changed is read. */
export interface WriteThroughSource<W, T> extends CacheSource<T> {
  /** Commits. Rejecting means that nothing was written; then nothing is invalidated. */
  write(): Promise<W>;
  /** The journal row that `write` made in its transaction, if it made one. */
  journalId?(written: W): string | undefined;
  /** What that row holds beside the value's own key: it is taken for told as a whole. */
  readonly invalidates?: Omit<Invalidation, "hashes">;
}

/**
 * A value and where it came from. `degraded`: Redis, its trust or the source failed us, see `fault`;
 * `stale`: older than its time-to-live, or of a Redis that can't be confirmed. Never an invalidated value.
 */
export type CacheAnswer<T> =
  | {
      readonly kind: "ok";
      readonly value: T;
      readonly from: CacheTier;
      readonly stale: boolean;
      readonly fault?: undefined;
    }
  | {
      readonly kind: "degraded";
      readonly value: T;
      readonly from: CacheTier;
      readonly stale: boolean;
      readonly fault: RedisFault;
    };

/** Who answered. Values from memory are frozen. */
export type CacheTier = "memory" | "redis" | "source";

/** Several values by name. `degraded`: some or all came past Redis. */
export type ManyAnswer<T> =
  | { readonly kind: "ok"; readonly value: ReadonlyMap<string, T> }
  | { readonly kind: "degraded"; readonly value: ReadonlyMap<string, T>; readonly fault: RedisFault };

/** One value to be stored. */
export interface CacheEntry extends CacheEntryOptions {
  readonly name: string;
  readonly value: unknown;
}

/** What became of a write and of the value behind it. */
export interface WriteThroughAnswer<W, T> {
  readonly written: W;
  readonly value: T;
  readonly read: CacheAnswer<T>;
  readonly invalidated: Outcome<void>;
}

/** One finished read. */
export interface CacheRead {
  readonly name: string;
  /** "none": there was no value and nothing to load it with, or the load failed */
  readonly from: CacheTier | "none";
  readonly durationMs: number;
  /** milliseconds of them spent waiting for the source, here or in another process */
  readonly loadMs: number;
  readonly stale: boolean;
  readonly fault?: RedisFault;
}

/** Values that may vanish, in front of a source that has them. */
export interface Cache {
  /**
   * The cached value, or what `load` gives, which is then stored. Memory, then Redis, then the source: one
   * load per name in all processes while Redis is there, one per process without it. Redis away or not to
   * be believed: `load` answers, as `degraded`, and nothing is stored.
   *
   * Rejects only with what `load` rejects with.
   * @throws {LoadTimeout} after `hardDeadlineMs`, when there is nothing stale to answer with
   */
  getOrLoad<T>(name: string, source: CacheSource<T>): Promise<CacheAnswer<T>>;
  /**
   * Always asks Redis, never this process's memory. `ok` with undefined: not there, too old, invalidated,
   * not believed now, or not of this schema. Naming its `tags` saves a round trip.
   */
  get<T>(
    name: string,
    schema: ZodType<T>,
    options?: { readonly tags?: readonly string[] },
  ): Promise<Guarded<T | undefined>>;
  /**
   * Loads under way don't store what they read before; other processes' memory tiers hear of it by the bus alone.
   * What JSON can't hold is `unavailable`, with that reason.
   */
  set(name: string, value: unknown, options?: CacheEntryOptions): Promise<Guarded<void>>;
  /** The same as `invalidate({ keys: names })`. */
  delete(...names: readonly string[]): Promise<Outcome<void>>;
  /** Those that are there, in one round trip; as `get`. */
  getMany<T>(
    names: readonly string[],
    schema: ZodType<T>,
    options?: { readonly tags?: readonly string[] },
  ): Promise<Guarded<ReadonlyMap<string, T>>>;
  /**
   * One pipeline takes the leases, one stores every value with its time-to-live: an invalidation in between
   * stays the last word. Every entry has an outcome of its own, in the order given.
   */
  setMany(entries: readonly CacheEntry[]): Promise<readonly Guarded<void>[]>;
  /** `getMany`, and one call for all that are missing. Rejects only with what `loadMissing` rejects with. */
  loadMany<T>(names: readonly string[], source: ManySource<T>): Promise<ManyAnswer<T>>;
  /**
   * Writes, invalidates, loads anew and stores. Rejects with what `write` rejects with.
   * @throws {ReloadFailed} the write is committed, the load after it failed
   */
  writeThrough<W, T>(name: string, source: WriteThroughSource<W, T>): Promise<WriteThroughAnswer<W, T>>;
  /**
   * Call it after the commit. Nobody reads what was there before, nor what a load under way has read.
   * With a journal behind `trust` it is always written there too (those of one moment as one row), so that
   * other processes' memory tiers drop it within a second even when no bus reaches them.
   * `degraded`: Redis could not be told, the journal will; until then this process asks the source.
   * `unavailable`: what was to be invalidated may still be read: Redis could not be told, and there is no journal
   * that will; or the journal could not be written, and other processes' memory may hold it until its time is over.
   *
   * @param options `journalId`: the row written for it in the same transaction as the change
   */
  invalidate(
    what: Omit<Invalidation, "hashes">,
    options?: { readonly journalId?: string },
  ): Promise<Outcome<void>>;
  counts(): CacheCounts;
  /** Ends the subscription. Reads and writes under way go on. */
  close(): Promise<void>;
}
