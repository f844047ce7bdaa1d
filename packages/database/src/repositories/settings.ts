import type { SettingKey } from "@vibe-friend/contracts/settings";
import type { Sql } from "../sql";

/** A setting that was set; unset ones have no row. */
export interface StoredSetting {
  readonly key: SettingKey;
  readonly value: unknown;
  readonly updatedAt: string;
  readonly updatedBy: string | null;
}

export interface SettingsChange {
  /** By key; null takes the row away. */
  readonly values: Readonly<Partial<Record<SettingKey, unknown>>>;
  readonly userId: string | null;
  /** Cache keys that this makes wrong, journaled in the same transaction. */
  readonly invalidates?: readonly string[];
}

export interface Settings {
  list(): Promise<StoredSetting[]>;
  put(change: SettingsChange): Promise<void>;
}

export function createSettings(sql: Sql): Settings {
  throw new Error(`not yet ${typeof sql}`);
}
