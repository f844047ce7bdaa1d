import { SETTINGS_CACHE_NAME, type StoredSettings } from "@vibe-friend/contracts/cached-values";
import type { Caller } from "@vibe-friend/contracts/internal";
import type { PutSettingsBody } from "@vibe-friend/contracts/settings";
import type { ReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import type { AuditLog, ReadModelCache, SettingsStore } from "./ports";

interface Dependencies {
  readonly cache: Pick<ReadModelCache, "writeThrough">;
  readonly store: SettingsStore;
  readonly stages: Pick<ReadModelStages, "learn">;
  readonly audit: AuditLog;
}

/** Row and journal first, then Redis forgets, then the new value is read and stored: all before the answer. */
export function createPutSettings({ cache, store, stages, audit }: Dependencies) {
  return async function putSettings(change: {
    values: PutSettingsBody;
    userId: string;
    caller: Caller;
  }): Promise<StoredSettings> {
    const { values, userId, caller } = change;
    const place = { model: "settings", argument: undefined, load: () => store.list() } as const;
    const stored = await cache.writeThrough(place, () =>
      store.put({ values, userId, invalidates: [SETTINGS_CACHE_NAME] }),
    );
    stages.learn(stored);
    await audit.append({ userId, action: "settings.changed", details: values, caller });
    return stored;
  };
}
