import { importPeer } from "../../peers/import-peer";
import type { Entry } from "../../workload/entry";
import { cacheTtlMs } from "./cache-contestant";
import type { CacheSetup, OpenCache } from "./cache-contestant";

interface Cacheable {
  getOrSet(key: string, load: () => Promise<Entry>, options: { ttl: number }): Promise<Entry | undefined>;
  get(key: string): Promise<Entry | undefined>;
  set(key: string, entry: Entry, options: { ttl: number; tags: readonly string[] }): Promise<boolean>;
  deleteMany(keys: readonly string[]): Promise<unknown>;
  readonly tags: { invalidateTag(tag: string): Promise<unknown> };
  disconnect(): Promise<unknown>;
}

interface CacheableModules {
  readonly Cacheable: new (options: unknown) => Cacheable;
  readonly KeyvRedis: new (url: string) => unknown;
}

/** Its primary store is Redis where only Redis is measured, else its own memory store. */
export const openCacheable: OpenCache = async (setup, source) => {
  const modules = await importCacheable(setup.peerDirectory);
  const cache = new modules.Cacheable({
    ...chooseStores(modules, setup),
    tags: setup.tagged,
    ttl: cacheTtlMs,
  });

  /** Its getOrSet takes no tags. */
  async function readTagged(name: string): Promise<Entry> {
    const cached = await cache.get(name);
    if (cached !== undefined) return cached;
    const entry = await source.load(name);
    await cache.set(name, entry, { ttl: cacheTtlMs, tags: source.tagsOf(name) });
    return entry;
  }

  return {
    read: (name) =>
      setup.tagged ? readTagged(name) : cache.getOrSet(name, () => source.load(name), { ttl: cacheTtlMs }),
    invalidateKeys: (names) => cache.deleteMany(names),
    invalidateTag: (tag) => cache.tags.invalidateTag(tag),
    close: () => cache.disconnect(),
  };
};

function chooseStores({ KeyvRedis }: CacheableModules, { tier, redisUrl }: CacheSetup) {
  if (tier === "memory") return {};
  const redis = new KeyvRedis(redisUrl);
  return tier === "redis" ? { primary: redis } : { secondary: redis };
}

async function importCacheable(directory: string): Promise<CacheableModules> {
  const { Cacheable } = (await importPeer(directory, "cacheable")) as Pick<CacheableModules, "Cacheable">;
  const { default: keyvRedis } = (await importPeer(directory, "@keyv/redis")) as { default: unknown };
  // Loaded as CommonJS the class is one level further down.
  const isClass = typeof keyvRedis === "function";
  const KeyvRedis = isClass ? keyvRedis : (keyvRedis as { default: unknown }).default;
  return { Cacheable, KeyvRedis: KeyvRedis as CacheableModules["KeyvRedis"] };
}
