import type { Settings } from "@vibe-friend/database/repositories/settings";
import type { SettingsStore } from "../domain/ports";

export function createDatabaseSettings(rows: Settings): SettingsStore {
  return {
    async list() {
      const items = await rows.list();
      return { items: items.map(({ key, value, updatedAt }) => ({ key, value, updatedAt })) };
    },
    put: (change) => rows.put(change),
  };
}
