import type { RedisRole } from "../connection/redis-role";
import type { Unsubscribe } from "../degradation/health";

/**
 * Whether what a role's Redis holds may be believed now.
 *
 * - trusted: the server is the one recorded with this epoch, and the journal was read within 500 ms.
 * - unconfirmed: the truth doesn't answer; Redis goes on being believed, for a limited time.
 * - untrusted: ask the truth. The server changed, the journal was not read in time, or nobody could for too long.
 */
export type Verdict =
  { readonly kind: "trusted" | "unconfirmed"; readonly epoch: number } | { readonly kind: "untrusted" };

/** Deletions that Redis, or another process's memory, has to learn. `hashes` are of session tokens. */
export interface Invalidation {
  readonly hashes?: readonly string[];
  /** names as given to the cache */
  readonly keys?: readonly string[];
  readonly tags?: readonly string[];
  /** every name that starts with one of these */
  readonly prefixes?: readonly string[];
}

/** What one process knows of one role's journal and epoch. All but `record` answers from memory. */
export interface RedisTrust {
  verdict(): Verdict;
  /** Was the journal read in time, whatever Redis is? Absent where none is read. */
  isInformed?(): boolean;
  /** Does a deletion that Redis isn't known to have taken touch any of these? Then Redis must not be asked. */
  concerns(subject: Invalidation): boolean;
  /**
   * Writes a deletion into the journal; from now on this process treats it as open.
   *
   * @returns the row's id, for `settle`
   * @throws what the journal throws when it can't be reached; then nothing is open
   */
  record(what: Invalidation): Promise<string>;
  /** A row that somebody else wrote, in a transaction of theirs: treat it as open from now on. */
  expect(id: string, what: Invalidation): void;
  /** Redis has taken that row. Failing to note so is no harm: any healthy process drains it. */
  settle(id: string): void;
  /** Every deletion this process learns of, its own and others', at least once. For memory tiers. */
  onInvalidated(listener: (what: Invalidation) => void): Unsubscribe;
  /** Something may have been missed or the epoch has changed: whatever is kept in memory must go. */
  onDoubt(listener: () => void): Unsubscribe;
}

/**
 * For those who have no truth behind Redis: believes it whenever its role is normal, and always epoch 0.
 * What is deleted while Redis is away comes back with it.
 */
export function createBlindTrust(role: RedisRole): RedisTrust {
  const listeners = new Set<() => void>();
  role.onIdentity(() => {
    for (const listener of listeners) listener();
  });
  return {
    verdict: () =>
      role.health.status().mode === "recovering" ? { kind: "untrusted" } : { kind: "trusted", epoch: 0 },
    concerns: () => false,
    record: () => Promise.reject(new Error("there is no journal")),
    expect: () => undefined,
    settle: () => undefined,
    onInvalidated: () => () => undefined,
    onDoubt(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
}
