import { connectDatabase } from "@vibe-friend/database/data-source";
import { createCache } from "@vibe-friend/redis-kit/cache/cache";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { noLogger } from "@vibe-friend/redis-kit/logger";
import { entrySchema } from "../../workload/entry";
import { openTrust } from "../open-trust";
import { cacheTtlMs } from "./cache-contestant";
import type { OpenCache } from "./cache-contestant";

/** Nothing expires while it is measured, here as elsewhere. */
const memory = { maxBytes: 512 * 1024 * 1024, ttlMs: cacheTtlMs };

/** redis-kit's cache as the services have it: schema checked at every read from Redis, a journal in Postgres. */
export const openOurs: OpenCache = async ({ redisUrl, tier, tagged, databaseUrl }, source) => {
  const config = parseRedisConfig({ REDIS_URL: redisUrl });
  const role = await connectRedisRole({ role: "cache", config: config.cache, logger: noLogger });
  const keys = createKeys(config);
  const database = await connectDatabase({ url: databaseUrl, applicationName: "bench", waitForMs: 10_000 });
  const kept = await openTrust(database, role, keys);
  const hasMemory = tier !== "redis";
  const cache = createCache({
    role,
    keys,
    ttlMs: cacheTtlMs,
    trust: kept.trust,
    ...(hasMemory ? { memory } : {}),
  });
  return {
    async read(name) {
      const answer = await cache.getOrLoad(name, {
        schema: entrySchema,
        load: () => source.load(name),
        ...(tagged ? { tags: source.tagsOf(name) } : {}),
      });
      return answer.value;
    },
    async invalidateKeys(names) {
      const told = await cache.invalidate({ keys: names });
      if (told.kind === "unavailable") throw told.fault;
    },
    async invalidateTag(tag) {
      const told = await cache.invalidate({ tags: [tag] });
      if (told.kind === "unavailable") throw told.fault;
    },
    async close() {
      await cache.close();
      await kept.close();
      await role.close();
      await database.close();
    },
  };
};
