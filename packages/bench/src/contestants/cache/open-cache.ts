import { openAsyncCacheDedupe } from "./async-cache-dedupe";
import { openBentocache } from "./bentocache";
import type { CacheAdapterName, OpenCache } from "./cache-contestant";
import { openCacheable } from "./cacheable";
import { openIoredis } from "./ioredis";
import { openMap } from "./map";
import { openOurs } from "./ours";

const adapters: Readonly<Record<CacheAdapterName, OpenCache>> = {
  ours: openOurs,
  ioredis: openIoredis,
  "ioredis-pipelined": openIoredis,
  bentocache: openBentocache,
  "bentocache-unserialized": openBentocache,
  cacheable: openCacheable,
  "async-cache-dedupe": openAsyncCacheDedupe,
  map: openMap,
};

export const openCache: OpenCache = (setup, source) => adapters[setup.adapter](setup, source);
