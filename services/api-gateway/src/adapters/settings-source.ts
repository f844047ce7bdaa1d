import type { StoredSettings } from "@vibe-friend/contracts/cached-values";
import type { internalCacheCalls } from "@vibe-friend/contracts/internal";
import { keptValue } from "@vibe-friend/contracts/read-models";
import type { Settings } from "@vibe-friend/database/repositories/settings";
import type { Cache } from "@vibe-friend/redis-kit/cache/cache";
import type { InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { ReadFigures } from "@vibe-friend/service-kit/read-figures";
import type { ReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import type { ReadAnswer, ReadWays, StagedReads } from "@vibe-friend/service-kit/staged-read";
import type { SettingsSource } from "../domain/ports";
import { askCacheService } from "./ask-cache-service";

/** How old settings may be in this process; milliseconds. */
const FRESH_MS = 250;
const PUT_TIMEOUT_MS = 3000;

export interface SettingsSourceOptions {
  readonly cache: Pick<Cache, "get">;
  readonly cacheService: InternalClient<typeof internalCacheCalls>;
  readonly settings: Pick<Settings, "list">;
  readonly reads: StagedReads;
  readonly stages: Pick<ReadModelStages, "learn">;
  readonly figures: Pick<ReadFigures, "called" | "looked">;
}

interface Known {
  readonly value: StoredSettings;
  readonly stale: boolean;
  readonly readAt: number;
}

/** Settings for the gateway, and the look that the switches among them are kept up to date with. */
export interface WatchedSettings extends SettingsSource {
  look(): Promise<StoredSettings>;
}

/** Asks the cache, the cache service, Postgres, in this order, at most four times a second. */
export function createSettingsSource(options: SettingsSourceOptions): WatchedSettings {
  const { cache, cacheService, settings, reads, stages, figures } = options;
  const { key, schema, tags } = keptValue("settings", undefined);
  let known: Known | undefined;
  let loading: Promise<Known> | undefined;
  /** Rises with every change made here: what was read before it isn't kept. */
  let changes = 0;

  async function askPostgres(): Promise<StoredSettings> {
    const rows = await settings.list();
    return { items: rows.map(({ key: name, value, updatedAt }) => ({ key: name, value, updatedAt })) };
  }

  async function askService(): Promise<StoredSettings & { readonly stale: boolean }> {
    const answer = await askCacheService(() => cacheService.call("settings", {}));
    return answer ?? { ...(await askPostgres()), stale: false };
  }

  const ways: ReadWays<StoredSettings> = {
    key,
    async cached(timed): Promise<ReadAnswer<StoredSettings>> {
      const found = await cache.get(key, schema, { tags });
      if (found.kind === "unavailable") {
        return { value: await timed(askPostgres), from: "source", stale: false };
      }
      if (found.value !== undefined) return { value: found.value, from: "redis", stale: false };
      const { stale, ...value } = await timed(askService);
      return { value, from: "source", stale };
    },
    source: askPostgres,
  };

  async function load(ask: () => Promise<Pick<ReadAnswer<StoredSettings>, "value" | "stale">>) {
    const changesBefore = changes;
    try {
      const { value, stale } = await ask();
      const read = { value, stale, readAt: performance.now() };
      if (changes !== changesBefore) return known ?? read;
      stages.learn(value);
      return (known = read);
    } catch (error) {
      if (known === undefined) throw error;
      return { ...known, stale: true };
    }
  }

  function once(ask: Parameters<typeof load>[0]): Promise<Known> {
    return (loading ??= load(ask).finally(() => {
      loading = undefined;
    }));
  }

  async function readKnown(avoidRedis: boolean): Promise<Known> {
    if (known !== undefined && performance.now() - known.readAt < FRESH_MS) {
      figures.called("settings");
      figures.looked("settings", { from: "memory", stale: known.stale, seconds: 0 });
      return known;
    }
    if (avoidRedis) return await once(async () => ({ value: await askPostgres(), stale: false }));
    return await once(() => reads.read("settings", ways));
  }

  return {
    read: async ({ avoidRedis }) => (await readKnown(avoidRedis)).value,
    async describe({ avoidRedis }) {
      const { value, stale } = await readKnown(avoidRedis);
      return { stored: value, stale };
    },
    look: async () => (await once(() => reads.readQuietly("settings", ways))).value,
    async put(change) {
      const value = await cacheService.call("put-settings", change, { timeoutMs: PUT_TIMEOUT_MS });
      changes += 1;
      known = { value, stale: false, readAt: performance.now() };
      stages.learn(value);
      return value;
    },
  };
}
