import type { Access, StoredSettings } from "@vibe-friend/contracts/cached-values";
import type { Caller } from "@vibe-friend/contracts/internal";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";
import type { z } from "zod";

/** A change of settings, by whom and from where. */
export interface SettingsChange {
  readonly values: PutSettingsBody;
  readonly userId: string;
  readonly caller: Caller;
}

/** Where the read models come from. Every method rejects with a `DatabaseUnavailable` while it can't be asked. */
export interface ReadModelSource {
  /** undefined: there is no such user */
  findAccess(userId: string): Promise<Access | undefined>;
  listSettings(): Promise<StoredSettings>;
  /**
   * Stores the change, its audit entry and the note that `invalidates` are out of date, in one transaction:
   * Redis may be away now and come back with what it had.
   */
  putSettings(change: SettingsChange, invalidates: readonly string[]): Promise<void>;
}

/** One read model's value: how it is named, checked, kept and read again. */
export interface ReadModel<T> {
  readonly name: string;
  readonly schema: z.ZodType<T>;
  readonly ttlMs: number;
  load(): Promise<T>;
}

/** Values that may vanish. Redis away is never an error here: the source is asked. */
export interface Values {
  /** Rejects only with what `load` rejects with. */
  getOrLoad<T>(model: ReadModel<T>): Promise<T>;
  /** Write-through. False when Redis didn't take it; then the note in the source makes it good. */
  put<T>(model: Pick<ReadModel<T>, "name" | "ttlMs">, value: T): Promise<boolean>;
}
