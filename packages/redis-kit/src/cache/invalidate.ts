import type { RedisRole } from "../connection/redis-role";
import { withoutRedisBudget } from "../degradation/budget";
import { describeError } from "../errors";
import type { Invalidation, RedisTrust } from "../journal/trust";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { Guarded, Outcome } from "../outcome";
import { applyInvalidation } from "./apply-invalidation";
import { notBelieved, notJournaled } from "./belief";
import type { CacheFigures } from "./cache-figures";
import type { InvalidationNews } from "./invalidation-news";
import type { InvalidationNotes } from "./invalidation-notes";
import { createJournalRows } from "./journal-rows";
import type { RowPart } from "./journal-rows";

/** Walking through all keys takes its time, and people wait for it knowingly, whatever their budget; milliseconds. */
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

/**
 * First what this process knows itself, then Redis and the journal side by side, then the others. The journal is what
 * other processes' memory tiers hear of it from even when the bus doesn't reach them.
 */
export function createInvalidate(parts: InvalidateParts): Invalidate {
  const { role, keys, trust, notes, news, figures, logger } = parts;
  const rows = createJournalRows(trust);

  return async function invalidate(what, { journalId } = {}) {
    figures.counts.invalidations += 1;
    notes.note(what);
    const outcome = await (journalId === undefined ? tellAndWrite(what) : tell(what, journalId));
    // What was read in between may be of before, and must not be kept either.
    notes.note(what);
    news.tell(what);
    report(what, outcome);
    return outcome;
  };

  function tellRedis(what: What): Promise<Guarded<void>> {
    const isWalk = (what.prefixes ?? []).length > 0;
    const operation = { name: "cache.invalidate", deadlineMs: isWalk ? prefixDeadlineMs : deadlineMs };
    const tell = () =>
      role.guard.run(operation, describe(what), (redis) => applyInvalidation(redis, keys, what));
    return isWalk ? withoutRedisBudget(tell) : tell();
  }

  /** Its row was written with the change itself. */
  async function tell(what: What, journalId: string): Promise<Outcome<void>> {
    trust.expect(journalId, what);
    const told = await tellRedis(what);
    if (told.kind === "unavailable") return { kind: "degraded", value: undefined, fault: told.fault };
    trust.settle(journalId);
    return told;
  }

  async function tellAndWrite(what: What): Promise<Outcome<void>> {
    // Without a journal there is nobody to hear of it, and no knowing which Redis the others read.
    if (trust.isInformed === undefined) return tellRedis(what);
    const before = epoch();
    const [told, row] = await Promise.all([tellRedis(what), write(what)]);
    if (row === undefined)
      return { kind: "unavailable", fault: told.kind === "ok" ? notJournaled() : told.fault };
    if (told.kind === "unavailable") return { kind: "degraded", value: undefined, fault: told.fault };
    // A Redis that isn't believed may be another one than the others read: the row stays open until theirs has it.
    if (before === undefined || before !== epoch()) {
      return { kind: "degraded", value: undefined, fault: notBelieved() };
    }
    row.settle();
    return told;
  }

  async function write(what: What): Promise<RowPart | undefined> {
    try {
      return await rows.write(what);
    } catch (error) {
      logger.warn("an invalidation could not be written to the journal", { error: describeError(error) });
      return undefined;
    }
  }

  function epoch(): number | undefined {
    const verdict = trust.verdict();
    return verdict.kind === "untrusted" ? undefined : verdict.epoch;
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
