import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import type { CacheCalls, CacheWorkerSetup } from "../contestants/cache/cache-worker";
import { peerPackages } from "../peers/peer-packages";
import type { PeerName } from "../peers/peer-packages";
import { placePeer } from "../peers/place-peer";
import { startWorker } from "../process/worker-process";
import type { BenchContext } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";

/** A cache in a process of its own. */
export interface CacheWorker {
  readonly call: CacheCalls;
}

/** How each cache is called in the tables. */
const titles: Readonly<Record<CacheAdapterName, string>> = {
  ours: "vibe-friend",
  ioredis: "raw ioredis",
  "ioredis-pipelined": "raw ioredis, auto-pipelining",
  bentocache: `bentocache ${peerPackages.bentocache.bentocache}`,
  "bentocache-unserialized": `bentocache, memory not serialized`,
  cacheable: `cacheable ${peerPackages.cacheable.cacheable}`,
  "async-cache-dedupe": `async-cache-dedupe ${peerPackages["async-cache-dedupe"]["async-cache-dedupe"]}`,
  map: "plain Map",
};

export const cacheTitle = (adapter: CacheAdapterName): string => titles[adapter];

const peerOf: Partial<Record<CacheAdapterName, PeerName>> = {
  bentocache: "bentocache",
  "bentocache-unserialized": "bentocache",
  cacheable: "cacheable",
  "async-cache-dedupe": "async-cache-dedupe",
};

export type SharedCacheSetup = Omit<CacheWorkerSetup, "adapter" | "peerDirectory">;

/** Where a cache of this kind would run, or why it can't. */
export function placeCache(context: BenchContext, adapter: CacheAdapterName) {
  const peer = peerOf[adapter];
  return peer === undefined ? { directory: "" } : placePeer(context.findPeer(peer));
}

/** @param prepare done once, before the first round */
export function createCacheEntrant(
  context: BenchContext,
  setup: SharedCacheSetup & { readonly adapter: CacheAdapterName; readonly note?: string },
  prepare: (worker: CacheWorker) => Promise<unknown>,
): Entrant<CacheWorker> {
  const { note, ...shared } = setup;
  const place = placeCache(context, setup.adapter);
  return {
    contestant: cacheTitle(setup.adapter),
    ...(note === undefined ? {} : { note }),
    ...(place.missing === undefined ? {} : { missing: place.missing }),
    async open() {
      const worker = await startWorker("cache", { ...shared, peerDirectory: place.directory });
      try {
        await prepare(worker);
      } catch (error) {
        await worker.stop();
        throw error;
      }
      return worker;
    },
  };
}
