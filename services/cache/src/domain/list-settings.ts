import {
  SETTINGS_CACHE_NAME,
  storedSettingsSchema,
  type StoredSettings,
} from "@vibe-friend/contracts/cached-values";
import type { ReadModelSource, Values } from "./ports";

/** Milliseconds; a change is written through. */
export const SETTINGS_TTL_MS = 10 * 60_000;

/** The settings that were set, cache-aside. */
export function createListSettings({ source, values }: { source: ReadModelSource; values: Values }) {
  return async function listSettings(): Promise<StoredSettings> {
    return await values.getOrLoad({
      name: SETTINGS_CACHE_NAME,
      schema: storedSettingsSchema,
      ttlMs: SETTINGS_TTL_MS,
      load: () => source.listSettings(),
    });
  };
}
