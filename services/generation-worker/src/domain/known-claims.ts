import type { Hold, MonotonicClock } from "./ports";

/** What this process knows of its own claims, and whether there may be some that it doesn't know of. */
export interface KnownClaims {
  began(hold: Hold): void;
  ended(hold: Hold): void;
  /** The answer to a claim was lost; the row may be claimed all the same. */
  answerLost(): void;
  /** An answer was lost within the last two leases; what it claimed is swept later than that. */
  mayMissSome(): boolean;
  /** Runs under way, and those that ended within the last two leases. */
  all(): readonly Hold[];
}

export function createKnownClaims(leaseMs: number, clock: MonotonicClock): KnownClaims {
  /** When each ended; undefined while it runs. */
  const known = new Map<Hold, number | undefined>();
  let lostAt = -Infinity;

  function forgetOld(): void {
    const before = clock() - 2 * leaseMs;
    for (const [hold, endedAt] of known) {
      if (endedAt !== undefined && endedAt < before) known.delete(hold);
    }
  }

  return {
    began: (hold) => void known.set(hold, undefined),
    ended(hold) {
      known.set(hold, clock());
      forgetOld();
    },
    answerLost() {
      lostAt = clock();
    },
    mayMissSome: () => clock() - lostAt <= 2 * leaseMs,
    all() {
      forgetOld();
      return [...known.keys()];
    },
  };
}
