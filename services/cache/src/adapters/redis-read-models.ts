import type { ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import { keptValue, type ReadModelValue } from "@vibe-friend/contracts/read-models";
import { ReloadFailed, type Cache, type CacheSource } from "@vibe-friend/redis-kit/cache/cache";

import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { ReadModelCache, ReadModelPlace, WrittenChange } from "../domain/ports";

/** Milliseconds somebody waits for the source while a value within its grace is there. */
const PATIENCE_MS = 200;

/** Part of its life after which a read loads a value anew behind its answer, where no schedule did before. */
const REFRESH_AHEAD = 0.9;

/** A part so small that every value is due. */
const AT_ONCE = 0.000_001;

/** Cache-aside on the cache role: without Redis the source answers, once per value and process at a time. */
export function createRedisReadModels(cache: Cache): ReadModelCache {
  function describe<N extends ReadModelName>(place: ReadModelPlace<N>) {
    const { key, schema, tags, ttlMs, graceMs, memory, refreshEveryMs } = keptValue(
      place.model,
      place.argument,
    );
    const source: CacheSource<ReadModelValue<N>> = {
      schema,
      tags,
      ttlMs,
      graceMs,
      memory,
      softDeadlineMs: PATIENCE_MS,
      load: () => place.load(),
      ...(refreshEveryMs === null ? {} : { refreshAhead: REFRESH_AHEAD }),
    };
    return { key, source };
  }

  return {
    async read(place) {
      const { key, source } = describe(place);
      const { value, from, stale } = await cache.getOrLoad(key, source);
      return { value, from, stale };
    },
    async writeThrough(place, write) {
      const { key, source } = describe(place);
      try {
        const journalId = (written: WrittenChange) => written.journalId;
        const { value } = await cache.writeThrough(key, { ...source, write, journalId });
        return value;
      } catch (error) {
        if (!(error instanceof ReloadFailed)) throw error;
        const detail = "The change is stored, but it could not be read back yet";
        throw new ProblemError("unavailable", { detail, cause: error });
      }
    },
    async refresh(place) {
      const { key, source } = describe(place);
      // From Redis: what a process has in its memory would keep it from seeing what is due.
      await cache.getOrLoad(key, { ...source, memory: false, refreshAhead: AT_ONCE });
    },
    async invalidate({ keys, tags, prefix }) {
      const outcome = await cache.invalidate({
        ...(keys === undefined ? {} : { keys }),
        ...(tags === undefined ? {} : { tags }),
        ...(prefix === undefined ? {} : { prefixes: [prefix] }),
      });
      if (outcome.kind === "unavailable") {
        const detail = "The journal could not be written; what is cached may still be read";
        throw new ProblemError("unavailable", { detail, cause: outcome.fault });
      }
      return { journaledOnly: outcome.kind === "degraded" };
    },
  };
}
