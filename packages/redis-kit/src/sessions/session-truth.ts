import type { JournalNote } from "../journal/journal-store";
import type { SessionRecord } from "./session-record";

/** Which sessions end. */
export type SessionSelector =
  /** one session of this user, by public id; another user's id selects nothing */
  | { readonly kind: "one"; readonly userId: string; readonly sessionId: string }
  /** the session of this token */
  | { readonly kind: "hash"; readonly hash: string }
  /** all of a user, but the one with the public id `except` */
  | { readonly kind: "user"; readonly userId: string; readonly except?: string };

/** A session that has just ended. */
export interface RevokedSession {
  readonly id: string;
  readonly userId: string;
  readonly hash: string;
}

/** Sessions that have just ended, in a transaction that is committed. */
export interface Revocation {
  readonly sessions: readonly RevokedSession[];
  /** the journal's row that says so; absent if nothing ended */
  readonly journalId?: string;
}

/** A session to be stored under the hash of its token. */
export interface NewSessionRow {
  readonly hash: string;
  readonly record: SessionRecord;
}

/**
 * The store that decides whether a session exists (Postgres in vibe-friend). Only it may say no.
 * Every method rejects when the store can't be reached; `hash` is the hex SHA-256 of the token.
 */
export interface SessionTruth {
  insert(hash: string, record: SessionRecord): Promise<void>;
  /** undefined unless it is there, not revoked, within both limits, of the user's epoch, and the user is not disabled */
  find(hash: string): Promise<SessionRecord | undefined>;
  /** Moves the idle limit; must not touch a revoked session. */
  touch(hash: string, atMs: number, idleExpiresAtMs: number): Promise<void>;
  /**
   * Marks them revoked and, in the same transaction, stores one journal row of `note` with the payload
   * `{ hashes: string[] }` (none if nothing was selected).
   *
   * @returns the sessions that were open until now
   */
  revoke(selector: SessionSelector, note: JournalNote): Promise<Revocation>;
  /** Stores one and revokes the one of `previousHash`, as `insert` and `revoke` do: both or neither. */
  rotate(fresh: NewSessionRow, previousHash: string, note: JournalNote): Promise<Revocation>;
  /** Open ones only, most recently seen first. */
  listByUser(userId: string): Promise<readonly SessionRecord[]>;
}
