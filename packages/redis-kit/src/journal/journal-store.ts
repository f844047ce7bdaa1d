import type { RedisRoleName } from "../connection/redis-role";

/** What kind of row to write beside a business change that Redis has to learn. */
export interface JournalNote {
  readonly role: RedisRoleName;
  readonly kind: "session.revoked" | "cache.invalidated";
}

/**
 * A deletion that Redis has to learn. Payload of `session.revoked`: `{ hashes: string[] }`;
 * of `cache.invalidated`: `{ keys: string[] }` (names as given to the cache).
 */
export interface JournalEntry {
  readonly id: string;
  readonly role: RedisRoleName;
  readonly kind: string;
  readonly payload: unknown;
}

/** Where those rows are (Postgres in vibe-friend). Rejects when it can't be reached. */
export interface JournalStore {
  /** Writes a row on its own, for callers without a transaction to put it in. */
  append(note: JournalNote, payload: unknown): Promise<void>;
  /**
   * Locks up to `batch.limit` open rows of a role (oldest first, skipping rows locked by others), hands
   * them to `apply` and marks them drained if it resolves; all in one transaction. If `apply` rejects,
   * the rows stay open and the rejection goes through.
   *
   * @returns how many were drained
   */
  drain(
    batch: { readonly role: RedisRoleName; readonly limit: number },
    apply: (entries: readonly JournalEntry[]) => Promise<void>,
  ): Promise<number>;
}
