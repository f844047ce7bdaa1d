import type { ReadModelFigures } from "@vibe-friend/contracts/cache-admin";
import { readModels } from "@vibe-friend/contracts/read-models";
import type { Figures } from "./read-figures";

/** A model's figures as people see them. */
export function describeReadModel(
  seen: Pick<ReadModelFigures, "model" | "stage" | "process"> & { readonly figures: Figures },
): ReadModelFigures {
  const { figures, ...who } = seen;
  const { description, ttlMs, graceMs, memory, refreshEveryMs, exact } = readModels[seen.model];
  const hits = figures.hits.memory + figures.hits.redis;
  const looks = hits + figures.misses;
  return {
    ...who,
    description,
    since: figures.since.toISOString(),
    calls: figures.calls,
    hits: figures.hits,
    hitRate: shareOf(hits, looks),
    stale: figures.stale,
    failures: figures.failures,
    cached: figures.cached,
    source: figures.source,
    compared: exact ? figures.compared : null,
    mismatches: exact ? figures.mismatches : null,
    timeSavedMs: figures.timeSavedMs,
    ttlSeconds: ttlMs / 1000,
    graceSeconds: graceMs / 1000,
    memory,
    refreshEverySeconds: refreshEveryMs === null ? null : refreshEveryMs / 1000,
  };
}

/** To a thousandth; null of nothing. */
export function shareOf(part: number, whole: number): number | null {
  return whole === 0 ? null : Math.round((part / whole) * 1000) / 1000;
}
