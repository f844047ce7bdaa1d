import { SETTINGS_CACHE_NAME, type StoredSettings } from "@vibe-friend/contracts/cached-values";
import { SETTINGS_TTL_MS } from "./list-settings";
import type { ReadModelSource, SettingsChange, Values } from "./ports";

/**
 * Stores a change and writes it through. The note that the cached value is out of date is committed with the
 * change, so a Redis that is away now can't come back with the old value for longer than it takes to drain it.
 */
export function createChangeSettings({ source, values }: { source: ReadModelSource; values: Values }) {
  return async function changeSettings(change: SettingsChange): Promise<StoredSettings> {
    await source.putSettings(change, [SETTINGS_CACHE_NAME]);
    const settings = await source.listSettings();
    await values.put({ name: SETTINGS_CACHE_NAME, ttlMs: SETTINGS_TTL_MS }, settings);
    return settings;
  };
}
