import { Redis } from "ioredis";
import { importPeer } from "../../peers/import-peer";
import type { Entry } from "../../workload/entry";
import { cacheTtlMs } from "./cache-contestant";
import type { CacheSetup, OpenCache } from "./cache-contestant";

interface DedupeCache {
  define(name: "entry", options: unknown, load: (name: string) => Promise<Entry>): void;
  entry(name: string): Promise<Entry>;
  clear(name: "entry", argument: string): Promise<unknown>;
  invalidateAll(references: readonly string[]): Promise<unknown>;
}

type CreateCache = (options: unknown) => DedupeCache;

/** Its tags are called references. It has one tier at a time. */
export const openAsyncCacheDedupe: OpenCache = async (setup, source) => {
  const module = (await importPeer(setup.peerDirectory, "async-cache-dedupe")) as {
    createCache: CreateCache;
  };
  const client = setup.tier === "memory" ? undefined : new Redis(setup.redisUrl);
  client?.on("error", () => {
    // The cache asks its source instead.
  });
  const cache = module.createCache({ ttl: cacheTtlMs / 1000, storage: chooseStorage(setup, client) });
  const references = (name: string): string[] => [...source.tagsOf(name)];
  cache.define("entry", setup.tagged ? { references } : {}, (name) => source.load(name));
  return {
    read: (name) => cache.entry(name),
    invalidateKeys: (names) => Promise.all(names.map((name) => cache.clear("entry", name))),
    invalidateTag: (tag) => cache.invalidateAll([tag]),
    close() {
      client?.disconnect();
      return Promise.resolve();
    },
  };
};

function chooseStorage({ tagged }: CacheSetup, client: Redis | undefined) {
  if (client === undefined) return { type: "memory", options: { size: 200_000, invalidation: tagged } };
  const invalidation = tagged ? { referencesTTL: cacheTtlMs / 1000 } : false;
  return { type: "redis", options: { client, invalidation } };
}
