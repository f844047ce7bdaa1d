import type { RedisRole } from "../connection/redis-role";
import { RedisFault } from "../errors";
import type { RedisTrust } from "../journal/trust";

/** How long without Redis a process reuses what it loaded itself: others may invalidate it unheard. Milliseconds. */
const reuseWithoutRedisMs = 500;

/** What may be believed of what Redis holds. */
export interface Belief {
  /** unconfirmed: the truth can't be asked, so Redis is believed for a limited time and its values count as stale */
  readonly kind: "trusted" | "unconfirmed";
  /** Values of another epoch are not believed. */
  readonly epoch: number;
}

/** Decides who may answer: Redis, this process's memory, or only the source. */
export interface Believer {
  /** undefined: only the source may answer for this name, and nothing may be stored */
  believe(name: string, tags: readonly string[]): Belief | undefined;
  /** Why nothing is believed: Redis is away, or may have missed something. */
  whyNot(): RedisFault;
  /** Did what was believed before a read stay so until its answer came? */
  stillBelieves(belief: Belief, name: string, tags: readonly string[]): boolean;
  /** May memory answer with a value of this epoch whose read began so long ago? */
  mayRemember(epoch: number | undefined, ageMs: number): boolean;
  /** Without Redis, what a load gave may be used again for a moment. */
  mayReuse(): boolean;
  /** The epoch of what is kept in memory now; undefined while there is no Redis to have one. */
  epoch(): number | undefined;
}

/** @param trust asked anew every time, since it may change at any moment */
export function createBeliever(role: RedisRole, trust: RedisTrust): Believer {
  function believe(name: string, tags: readonly string[]): Belief | undefined {
    const verdict = trust.verdict();
    if (verdict.kind === "untrusted" || trust.concerns({ keys: [name], tags })) return undefined;
    return { kind: verdict.kind, epoch: verdict.epoch };
  }

  return {
    believe,
    whyNot() {
      const { mode, reason } = role.health.status();
      return mode === "degraded"
        ? new RedisFault(reason ?? "unreachable", "redis is away, so the source is asked")
        : notBelieved();
    },
    stillBelieves(belief, name, tags) {
      const now = believe(name, tags);
      return now?.epoch === belief.epoch;
    },
    mayRemember(epoch, ageMs) {
      const verdict = trust.verdict();
      const isWell = role.health.status().mode === "normal";
      if (isWell) return verdict.kind === "trusted" && verdict.epoch === epoch;
      // Without Redis there is nothing to be trusted, but whoever reads the journal in time hears of what it says.
      const isInformed = trust.isInformed?.() ?? verdict.kind === "trusted";
      return isInformed && ageMs <= reuseWithoutRedisMs;
    },
    mayReuse() {
      if (role.health.status().mode === "normal") return false;
      return trust.isInformed?.() ?? trust.verdict().kind === "trusted";
    },
    epoch() {
      const verdict = trust.verdict();
      return verdict.kind === "untrusted" ? undefined : verdict.epoch;
    },
  };
}

/** Why a value came from the source although Redis may be well. */
export function notBelieved(): RedisFault {
  return new RedisFault("failed", "what redis holds is not believed now: it may have missed invalidations");
}

/** Why a value of Redis counts as stale although its time is not over. */
export function notConfirmed(): RedisFault {
  return new RedisFault("failed", "the journal can't be read: redis may have missed invalidations");
}

/** Why an invalidation is not done although Redis has taken it. */
export function notJournaled(): RedisFault {
  return new RedisFault("failed", "the journal can't be written: other processes may not hear of it");
}

/** Why a value past its time is the answer. */
export function sourceFailed(cause: unknown): RedisFault {
  return new RedisFault("failed", "the source failed or was late", { cause });
}
