import type { Entry } from "../../workload/entry";
import type { Source } from "../../workload/source";

export type CacheAdapterName =
  | "ours"
  | "ioredis"
  | "ioredis-pipelined"
  | "bentocache"
  | "bentocache-unserialized"
  | "cacheable"
  | "async-cache-dedupe"
  | "map";

export interface CacheSetup {
  readonly adapter: CacheAdapterName;
  readonly redisUrl: string;
  /** where the peer is installed; "" for those that need none */
  readonly peerDirectory: string;
  readonly tier: "memory" | "redis" | "both";
  /** entries carry tags, so the contestant has to be able to */
  readonly tagged: boolean;
  /** Postgres behind Redis, for those that keep a journal there */
  readonly databaseUrl: string;
}

/** One cache as the benchmarks see it: cache-aside with a source behind it. */
export interface CacheContestant {
  /** The cached value, else what the source has, stored with the source's tags. */
  read(name: string): Promise<Entry | undefined> | Entry | undefined;
  invalidateKeys(names: readonly string[]): Promise<unknown>;
  invalidateTag(tag: string): Promise<unknown>;
  close(): Promise<unknown>;
}

export type OpenCache = (setup: CacheSetup, source: Source) => Promise<CacheContestant>;

/** One value for all: nothing expires while it is measured. */
export const cacheTtlMs = 3_600_000;
