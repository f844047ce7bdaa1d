import { SETTINGS_CACHE_NAME, type StoredSettings } from "@vibe-friend/contracts/cached-values";
import type { Caller } from "@vibe-friend/contracts/internal";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";
import type { AuditLog, ReadModelCache, SettingsStore } from "./ports";

const TTL_MS = 10 * 60_000;

interface Dependencies {
  readonly cache: ReadModelCache;
  readonly store: SettingsStore;
}

/** The settings that are set. */
export function createReadSettings({ cache, store }: Dependencies) {
  return function readSettings(): Promise<StoredSettings> {
    return cache.settings({ name: SETTINGS_CACHE_NAME, ttlMs: TTL_MS, load: () => store.list() });
  };
}

/** Row and journal first, then Redis forgets, then the new value is read and stored: all before the answer. */
export function createPutSettings({ cache, store, audit }: Dependencies & { readonly audit: AuditLog }) {
  const readSettings = createReadSettings({ cache, store });
  return async function putSettings(change: {
    values: PutSettingsBody;
    userId: string;
    caller: Caller;
  }): Promise<StoredSettings> {
    const { values, userId, caller } = change;
    await store.put({ values, userId, invalidates: [SETTINGS_CACHE_NAME] });
    await cache.forget(SETTINGS_CACHE_NAME);
    await audit.append({ userId, action: "settings.changed", details: values, caller });
    return await readSettings();
  };
}
