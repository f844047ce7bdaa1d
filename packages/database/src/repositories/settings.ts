import { settingKeys, type SettingKey } from "@vibe-friend/contracts/settings";
import { In } from "typeorm";
import { SettingEntity } from "../entities/setting.entity";
import type { Sql } from "../sql";
import { createRedisJournal } from "./redis-journal";
import { toStorableJson } from "./storable-json";

/** A setting that was set; unset ones have no row. */
export interface StoredSetting {
  readonly key: SettingKey;
  readonly value: unknown;
  readonly updatedAt: string;
  readonly updatedBy: string | null;
}

/** What to set, by whom. */
export interface SettingsChange {
  /** By key; null takes the row away. */
  readonly values: Readonly<Partial<Record<SettingKey, unknown>>>;
  readonly userId: string | null;
  /** Cache keys that this makes wrong, journaled in the same transaction. */
  readonly invalidates?: readonly string[];
}

/** Run-time settings. Values are checked by who calls. */
export interface Settings {
  list(): Promise<StoredSetting[]>;
  /** @returns the journal's row, where something had to be invalidated */
  put(change: SettingsChange): Promise<{ readonly journalId: string | undefined }>;
}

export function createSettings(sql: Sql): Settings {
  return {
    async list() {
      const rows = await sql.entities((manager) =>
        manager.find(SettingEntity, { where: { key: In(settingKeys) }, order: { key: "asc" } }),
      );
      return rows.map((row) => ({
        key: row.key as SettingKey,
        value: row.value,
        updatedAt: row.updatedAt.toISOString(),
        updatedBy: row.updatedBy,
      }));
    },
    async put({ values, userId, invalidates = [] }) {
      return sql.transaction(async (tx) => {
        for (const [key, value] of Object.entries(values)) {
          if (value === undefined) continue;
          if (value === null) await tx.query("delete from settings where key = $1", [key]);
          else await putSetting(tx, [key, toStorableJson(value), userId]);
        }
        if (invalidates.length === 0) return { journalId: undefined };
        const note = { role: "cache", kind: "cache.invalidated" } as const;
        return { journalId: await createRedisJournal(tx).append(note, { keys: invalidates }) };
      });
    },
  };
}

async function putSetting(tx: Sql, row: readonly [key: string, json: string, userId: string | null]) {
  await tx.query(
    `insert into settings (key, value, updated_by) values ($1, $2::jsonb, $3)
     on conflict (key) do update set value = excluded.value, updated_by = excluded.updated_by, updated_at = now()`,
    row,
  );
}
