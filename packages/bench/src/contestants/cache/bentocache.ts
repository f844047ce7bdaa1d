import { importPeer } from "../../peers/import-peer";
import type { Entry } from "../../workload/entry";
import { cacheTtlMs } from "./cache-contestant";
import type { CacheSetup, OpenCache } from "./cache-contestant";

interface BentoCache {
  getOrSet(options: {
    key: string;
    factory: () => Promise<Entry>;
    ttl: number;
    tags?: readonly string[];
  }): Promise<Entry>;
  deleteMany(options: { keys: readonly string[] }): Promise<unknown>;
  deleteByTag(options: { tags: readonly string[] }): Promise<unknown>;
  disconnectAll(): Promise<unknown>;
}

/** A store under construction; its parts are opaque here. */
interface StoreBuilder {
  useL1Layer(driver: unknown): StoreBuilder;
  useL2Layer(driver: unknown): StoreBuilder;
  useBus(driver: unknown): StoreBuilder;
}

interface BentoModules {
  readonly BentoCache: new (options: unknown) => BentoCache;
  readonly bentostore: () => StoreBuilder;
  readonly redisDriver: (options: unknown) => unknown;
  readonly redisBusDriver: (options: unknown) => unknown;
  readonly memoryDriver: (options: unknown) => unknown;
}

/** With its bus wherever it has memory and Redis, as its documentation asks for. */
export const openBentocache: OpenCache = async (setup, source) => {
  const modules = await importBentocache(setup.peerDirectory);
  const cache = new modules.BentoCache({ default: "bench", stores: { bench: buildStore(modules, setup) } });
  return {
    read: (name) =>
      cache.getOrSet({
        key: name,
        factory: () => source.load(name),
        ttl: cacheTtlMs,
        ...(setup.tagged ? { tags: [...source.tagsOf(name)] } : {}),
      }),
    invalidateKeys: (names) => cache.deleteMany({ keys: names }),
    invalidateTag: (tag) => cache.deleteByTag({ tags: [tag] }),
    close: () => cache.disconnectAll(),
  };
};

function buildStore(modules: BentoModules, { tier, redisUrl, adapter }: CacheSetup): StoreBuilder {
  const { hostname: host, port, password, pathname } = new URL(redisUrl);
  const connection = { host, port: Number(port), password, db: Number(pathname.slice(1)) };
  const memory = modules.memoryDriver({
    maxItems: 200_000,
    serialize: adapter !== "bentocache-unserialized",
  });
  const store = modules.bentostore();
  if (tier === "memory") return store.useL1Layer(memory);
  const redis = modules.redisDriver({ connection });
  if (tier === "redis") return store.useL2Layer(redis);
  return store.useL1Layer(memory).useL2Layer(redis).useBus(modules.redisBusDriver({ connection }));
}

async function importBentocache(directory: string): Promise<BentoModules> {
  const [core, redis, memory] = await Promise.all(
    ["bentocache", "bentocache/drivers/redis", "bentocache/drivers/memory"].map((specifier) =>
      importPeer(directory, specifier),
    ),
  );
  return { ...(core as object), ...(redis as object), ...(memory as object) } as BentoModules;
}
