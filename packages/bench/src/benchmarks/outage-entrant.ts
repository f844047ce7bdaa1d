import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import type { BenchContext } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { createCacheEntrant } from "./cache-entrants";
import type { CacheWorker } from "./cache-entrants";

/** A cache with a server of its own, to be killed without hurting the others. */
export interface OutageScene {
  readonly redis: RedisServer;
  readonly worker: CacheWorker;
}

export const readsPerSecond = 500;

interface OutageEntrantOptions {
  readonly contestant: string;
  readonly adapter: CacheAdapterName;
  readonly tier: "redis" | "both";
}

export function createOutageEntrant(
  context: BenchContext,
  { contestant, ...place }: OutageEntrantOptions,
): Entrant<OutageScene> {
  const setup = {
    ...place,
    tagged: false,
    tagging: { kind: "count", count: 0 },
    keyCount: 200,
    seed: context.seed,
  } as const;
  const { missing } = createCacheEntrant(context, { ...setup, redisUrl: "", databaseUrl: "" }, () =>
    Promise.resolve(),
  );
  return {
    contestant,
    ...(missing === undefined ? {} : { missing }),
    async open() {
      const redis = await context.startRedis("state");
      try {
        const { url: databaseUrl } = await context.openDatabase();
        const withServers = { ...setup, databaseUrl, redisUrl: `${redis.url}/0` };
        const worker = await createCacheEntrant(context, withServers, ({ call }) =>
          call.fill({ everyTenth: false }),
        ).open();
        return {
          redis,
          worker,
          async stop() {
            await worker.stop();
            await redis.stop();
          },
        };
      } catch (error) {
        await redis.stop();
        throw error;
      }
    },
  };
}
