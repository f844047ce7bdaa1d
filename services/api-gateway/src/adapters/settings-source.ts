import {
  SETTINGS_CACHE_NAME,
  storedSettingsSchema,
  type StoredSettings,
} from "@vibe-friend/contracts/cached-values";
import type { internalCacheCalls } from "@vibe-friend/contracts/internal";
import type { Settings } from "@vibe-friend/database/repositories/settings";
import type { Cache } from "@vibe-friend/redis-kit/cache/cache";
import type { InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { SettingsSource } from "../domain/ports";
import { askCacheService } from "./ask-cache-service";

/** How old settings may be in this process; milliseconds. */
const FRESH_MS = 500;
const PUT_TIMEOUT_MS = 3000;

export interface SettingsSourceOptions {
  readonly cache: Pick<Cache, "get">;
  readonly cacheService: InternalClient<typeof internalCacheCalls>;
  readonly settings: Pick<Settings, "list">;
}

/** Asks the cache, the cache service, Postgres, in this order, at most twice a second. */
export function createSettingsSource({
  cache,
  cacheService,
  settings,
}: SettingsSourceOptions): SettingsSource {
  let known: { readonly value: StoredSettings; readonly readAt: number } | undefined;
  let loading: Promise<StoredSettings> | undefined;
  /** Rises with every change made here: what was read before it isn't kept. */
  let changes = 0;

  async function askPostgres(): Promise<StoredSettings> {
    const rows = await settings.list();
    return { items: rows.map(({ key, value, updatedAt }) => ({ key, value, updatedAt })) };
  }

  async function ask(avoidRedis: boolean): Promise<StoredSettings> {
    if (avoidRedis) return await askPostgres();
    const cached = await cache.get(SETTINGS_CACHE_NAME, storedSettingsSchema);
    if (cached.kind === "unavailable") return await askPostgres();
    if (cached.value !== undefined) return cached.value;
    return (await askCacheService(() => cacheService.call("settings", {}))) ?? (await askPostgres());
  }

  async function load(avoidRedis: boolean): Promise<StoredSettings> {
    const changesBefore = changes;
    try {
      const value = await ask(avoidRedis);
      if (changes === changesBefore) known = { value, readAt: performance.now() };
      return value;
    } catch (error) {
      if (known === undefined) throw error;
      return known.value;
    }
  }

  return {
    async read({ avoidRedis }) {
      if (known !== undefined && performance.now() - known.readAt < FRESH_MS) return known.value;
      return await (loading ??= load(avoidRedis).finally(() => {
        loading = undefined;
      }));
    },
    async put(change) {
      const value = await cacheService.call("put-settings", change, { timeoutMs: PUT_TIMEOUT_MS });
      changes += 1;
      known = { value, readAt: performance.now() };
      return value;
    },
  };
}
