/** How often what happened since the cache was made. */
export interface CacheCounts {
  /** answered without the source, from memory or Redis */
  readonly hits: number;
  readonly memoryHits: number;
  readonly redisHits: number;
  readonly misses: number;
  /** values that did not fit their schema; each is also a miss */
  readonly corrupt: number;
  /** values not believed: of another epoch, or while there is no trust in Redis; each is also a miss */
  readonly untrusted: number;
  readonly faults: number;
  readonly loads: number;
  /** values answered after their time, within their grace or while being loaded anew */
  readonly staleServed: number;
  /** times this process waited for another one's load */
  readonly leaseWaits: number;
  /** loads behind an answer: stale while revalidating, or ahead of the end */
  readonly refreshes: number;
  /** loads whose value was not stored, because an invalidation or a write came in between, or the lease ended */
  readonly overtaken: number;
  readonly invalidations: number;
}

/** The same, to be counted up. */
export type CacheTally = { -readonly [N in keyof CacheCounts]: CacheCounts[N] };

/** All zero. */
export function createTally(): CacheTally {
  return {
    hits: 0,
    memoryHits: 0,
    redisHits: 0,
    misses: 0,
    corrupt: 0,
    untrusted: 0,
    faults: 0,
    loads: 0,
    staleServed: 0,
    leaseWaits: 0,
    refreshes: 0,
    overtaken: 0,
    invalidations: 0,
  };
}
