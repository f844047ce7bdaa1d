import type { RedisRoleName } from "../connection/redis-role";

/** What kind of row to write beside a business change that Redis has to learn. */
export interface JournalNote {
  readonly role: RedisRoleName;
  readonly kind: "session.revoked" | "cache.invalidated";
}

/**
 * A deletion that Redis has to learn. Payload of `session.revoked`: `{ hashes: string[] }`;
 * of `cache.invalidated`: `{ keys?, tags?, prefixes?: string[] }` (names as given to the cache).
 */
export interface JournalEntry {
  readonly id: string;
  readonly role: RedisRoleName;
  readonly kind: string;
  readonly payload: unknown;
}

/** Which server (`identity` of a role) holds what was written since the epoch began. Epochs only rise. */
export interface EpochRecord {
  readonly role: RedisRoleName;
  readonly epoch: number;
  readonly servers: string;
}

/** A row, and whether Redis still has to be told of it. */
export interface SeenEntry extends JournalEntry {
  readonly open: boolean;
}

/** What the journal says at one moment. */
export interface TruthLook {
  /** A role without a record is at epoch 0 and no server. */
  readonly epochs: readonly EpochRecord[];
  /** All open ones and those that Redis took within the last `rememberMs`, at most `lookLimit`, in no order. */
  readonly rows: readonly SeenEntry[];
  /** There were more, or they couldn't be read: what is missing among `rows` says nothing. */
  readonly overflow: boolean;
}

/** Rows that Redis has taken are seen by looks for so long; milliseconds. */
export const rememberMs = 3000;
/** Rows of one look at most. */
export const lookLimit = 1000;
/** Whoever wrote a row has so long to tell Redis himself before others do; milliseconds. */
export const leaveToWriterMs = 200;

/** Where those rows are (Postgres in vibe-friend). Rejects when it can't be reached. Times are on its own clock. */
export interface JournalStore {
  /** Writes a row on its own, or in the transaction that this store was made of. @returns the row's id */
  append(note: JournalNote, payload: unknown): Promise<string>;
  /**
   * Redis took these rows. With `epoch` only if that is still the role's epoch: if another server took over
   * meanwhile, it is that one which has to learn them, and they stay open.
   */
  settle(taken: {
    readonly role: RedisRoleName;
    readonly ids: readonly string[];
    readonly epoch?: number;
  }): Promise<void>;
  /**
   * Locks up to `batch.limit` open rows of a role (oldest first, skipping rows locked by others and those
   * younger than `leaveToWriterMs`), hands them to `apply` and marks them as taken if it resolves and
   * `batch.epoch`, if given, still is the role's epoch; all in one transaction. If `apply` rejects, the rows
   * stay open and the rejection goes through.
   *
   * @returns how many were drained
   */
  drain(
    batch: { readonly role: RedisRoleName; readonly limit: number; readonly epoch?: number },
    apply: (entries: readonly JournalEntry[]) => Promise<void>,
  ): Promise<number>;
  /** One question, one moment. */
  look(): Promise<TruthLook>;
  /**
   * Begins an epoch above `expected` unless somebody else has. Its number was never used before, not even in a
   * time that the store has forgotten (restored from a backup). @returns the record as it stands now
   */
  advanceEpoch(change: {
    readonly role: RedisRoleName;
    readonly expected: number;
    readonly servers: string;
  }): Promise<EpochRecord>;
  /** Deletes rows that Redis took longer ago than this. @returns how many */
  prune(olderThanMs: number): Promise<number>;
}
