import type { StoredSettings } from "@vibe-friend/contracts/cached-values";
import {
  settingKeys,
  settings,
  settingValuesSchema,
  type SettingsView,
  type SettingValues,
} from "@vibe-friend/contracts/settings";

/** Every setting there is, set or not. @param stale whether they are only the last known ones */
export function describeSettings(stored: StoredSettings, stale: boolean): SettingsView {
  const byKey = new Map(stored.items.map((item) => [item.key, item]));
  const items = settingKeys.map((key) => ({
    key,
    value: byKey.get(key)?.value ?? null,
    description: settings[key].description,
    updatedAt: byKey.get(key)?.updatedAt ?? null,
  }));
  return { items, nextCursor: null, stale };
}

/** What is set and known; a value that a newer version wrote and this one can't read counts as unset. */
export function parseSettings(stored: StoredSettings): SettingValues {
  const readable = stored.items.filter(({ key, value }) => {
    const known = settingKeys.find((name) => name === key);
    return known !== undefined && settings[known].schema.safeParse(value).success;
  });
  return settingValuesSchema.parse(Object.fromEntries(readable.map(({ key, value }) => [key, value])));
}
