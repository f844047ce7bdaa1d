import type { RedisRole } from "../connection/redis-role";
import { describeError } from "../errors";
import type { Invalidation, RedisTrust } from "../journal/trust";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { Guarded, Outcome } from "../outcome";
import { applyInvalidation } from "./apply-invalidation";
import { notBelieved } from "./belief";
import type { CacheFigures } from "./cache-figures";
import type { InvalidationNews } from "./invalidation-news";
import type { InvalidationNotes } from "./invalidation-notes";

/** Walking through all keys takes its time, and people wait for it knowingly; milliseconds. */
const prefixDeadlineMs = 30_000;
const deadlineMs = 150;

type What = Omit<Invalidation, "hashes">;

/** What invalidating needs. */
export interface InvalidateParts {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly trust: RedisTrust;
  readonly notes: InvalidationNotes;
  readonly news: InvalidationNews;
  readonly figures: CacheFigures;
  readonly logger: KitLogger;
}

/** See `Cache.invalidate`. */
export type Invalidate = (what: What, options?: { readonly journalId?: string }) => Promise<Outcome<void>>;

/** First what this process knows itself, then Redis or else the journal, then the others. */
export function createInvalidate(parts: InvalidateParts): Invalidate {
  const { role, keys, trust, notes, news, figures, logger } = parts;

  return async function invalidate(what, { journalId } = {}) {
    figures.counts.invalidations += 1;
    notes.note(what);
    if (journalId !== undefined) trust.expect(journalId, what);
    const told = await tellRedis(what);
    const outcome = await conclude(what, { told, journalId });
    // What was read in between may be of before, and must not be kept either.
    notes.note(what);
    news.tell(what);
    report(what, outcome);
    return outcome;
  };

  function tellRedis(what: What): Promise<Guarded<void>> {
    const operation = {
      name: "cache.invalidate",
      deadlineMs: (what.prefixes ?? []).length > 0 ? prefixDeadlineMs : deadlineMs,
    };
    return role.guard.run(operation, describe(what), (redis) => applyInvalidation(redis, keys, what));
  }

  async function conclude(
    what: What,
    { told, journalId }: { told: Guarded<void>; journalId: string | undefined },
  ): Promise<Outcome<void>> {
    if (journalId !== undefined) {
      if (told.kind === "unavailable") return { kind: "degraded", value: undefined, fault: told.fault };
      trust.settle(journalId);
      return told;
    }
    // A Redis that isn't believed may be another one than the others read; without a journal there is no knowing.
    const isEnough = trust.isInformed === undefined || trust.verdict().kind !== "untrusted";
    if (told.kind === "ok" && isEnough) return told;
    const fault = told.kind === "ok" ? notBelieved() : told.fault;
    try {
      await trust.record(what);
      return { kind: "degraded", value: undefined, fault };
    } catch (error) {
      logger.warn("an invalidation could not be written to the journal", { error: describeError(error) });
      return { kind: "unavailable", fault };
    }
  }

  function report(what: What, { kind }: Outcome<void>): void {
    for (const [subject, names] of [
      ["key", what.keys],
      ["tag", what.tags],
      ["prefix", what.prefixes],
    ] as const) {
      if (names === undefined || names.length === 0) continue;
      figures.metrics.count(
        "redis_cache_invalidations_total",
        { kind: subject, outcome: kind },
        names.length,
      );
    }
  }
}

function describe({ keys = [], tags = [], prefixes = [] }: What): string {
  const subjects = [...keys, ...tags.map((tag) => `#${tag}`), ...prefixes.map((prefix) => `${prefix}*`)];
  return subjects.length > 3 ? `${subjects.length} subjects` : subjects.join(" ");
}

/** Nothing to be invalidated is done at once. */
export function isNothing({ keys = [], tags = [], prefixes = [] }: What): boolean {
  return keys.length + tags.length + prefixes.length === 0;
}
