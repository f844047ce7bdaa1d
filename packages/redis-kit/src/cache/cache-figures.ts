import type { KitMetrics } from "../metrics";
import { noMetrics } from "../metrics";
import { createTally } from "./cache-counts";
import type { CacheTally } from "./cache-counts";
import type { CacheRead } from "./cache-types";

/** Memory hits are too many to be reported one by one; milliseconds. */
const reportEveryMs = 1000;

/** How a read ended. */
export type ReadOutcome = "hit" | "stale" | "miss" | "untrusted" | "fault";

/** Everything a cache counts and reports. */
export interface CacheFigures {
  readonly counts: CacheTally;
  readonly metrics: KitMetrics;
  /** Is anybody told of single reads? */
  readonly observed: boolean;
  memoryHit(): void;
  read(tier: CacheRead["from"], outcome: ReadOutcome): void;
  /** @param startedAt of `performance.now()` */
  tell(startedAt: number, read: Omit<CacheRead, "durationMs">): void;
}

/** Nothing is reported without `metrics`. */
export function createCacheFigures(options: {
  readonly metrics?: KitMetrics | undefined;
  readonly onRead?: ((read: CacheRead) => void) | undefined;
}): CacheFigures {
  const { metrics = noMetrics, onRead } = options;
  const reports = metrics !== noMetrics;
  const counts = createTally();
  let unreported = 0;

  function reportMemoryHits(): void {
    metrics.count("redis_cache_reads_total", { tier: "memory", outcome: "hit" }, unreported);
    unreported = 0;
  }

  return {
    counts,
    metrics,
    observed: onRead !== undefined,
    memoryHit() {
      counts.hits += 1;
      counts.memoryHits += 1;
      if (!reports) return;
      if (unreported === 0) setTimeout(reportMemoryHits, reportEveryMs).unref();
      unreported += 1;
    },
    read(tier, outcome) {
      if (tier === "redis") {
        counts.hits += 1;
        counts.redisHits += 1;
      }
      if (outcome === "stale") counts.staleServed += 1;
      if (outcome === "miss" || outcome === "untrusted") counts.misses += 1;
      if (outcome === "untrusted") counts.untrusted += 1;
      if (outcome === "fault") counts.faults += 1;
      if (reports) metrics.count("redis_cache_reads_total", { tier, outcome });
    },
    tell(startedAt, read) {
      onRead?.({ ...read, durationMs: performance.now() - startedAt });
    },
  };
}
