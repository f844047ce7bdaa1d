import type { Access, StoredSettings } from "@vibe-friend/contracts/cached-values";
import type { Caller } from "@vibe-friend/contracts/internal";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";

/** A read model's place in the cache. */
export interface ReadModel<T> {
  readonly name: string;
  /** milliseconds */
  readonly ttlMs: number;
  /** What is true now; only called when it isn't cached. */
  readonly load: () => Promise<T>;
}

export interface ReadModelCache {
  access(model: ReadModel<Access>): Promise<Access>;
  settings(model: ReadModel<StoredSettings>): Promise<StoredSettings>;
  /** Once this resolves nobody reads the old value through Redis; never rejects. */
  forget(name: string): Promise<void>;
}

export interface AccessStore {
  find(userId: string): Promise<Access | undefined>;
}

export interface SettingsStore {
  list(): Promise<StoredSettings>;
  /** The change and, in the same transaction, the journal's row that makes Redis forget. */
  put(change: {
    readonly values: PutSettingsBody;
    readonly userId: string;
    readonly invalidates: readonly string[];
  }): Promise<void>;
}

export interface AuditLog {
  append(entry: {
    readonly userId: string;
    readonly action: string;
    readonly details: Readonly<Record<string, unknown>>;
    readonly caller: Caller;
  }): Promise<void>;
}
