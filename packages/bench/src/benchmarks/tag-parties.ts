import type { CacheAdapterName } from "../contestants/cache/cache-contestant";
import type { BenchContext } from "../runner/benchmark";
import type { Entrant } from "../runner/entrant";
import { createCacheEntrant } from "./cache-entrants";
import type { CacheWorker } from "./cache-entrants";

/** One process invalidates, another reads entries that are not touched by it. */
export interface TagParties {
  readonly writer: CacheWorker;
  readonly reader: CacheWorker;
}

/** On a server of their own: deleting is the server's work, and must not be felt by other contestants. */
export function createTagParties(
  context: BenchContext,
  adapter: CacheAdapterName,
  keyCount: number,
): Entrant<TagParties> {
  const setup = {
    adapter,
    tier: "redis",
    tagged: true,
    tagging: { kind: "tenth" },
    keyCount,
    seed: context.seed,
  } as const;
  const nowhere = { ...setup, redisUrl: "", databaseUrl: "" };
  const entrant = createCacheEntrant(context, nowhere, () => Promise.resolve());
  return {
    ...entrant,
    async open() {
      const closings: (() => Promise<void>)[] = [];
      const stop = async (): Promise<void> => {
        for (const close of closings.reverse()) await close();
      };
      try {
        const redis = await context.startRedis("cache");
        closings.push(() => redis.stop());
        const { url: databaseUrl } = await context.openDatabase();
        const place = { ...setup, redisUrl: `${redis.url}/0`, databaseUrl };
        const writer = await createCacheEntrant(context, place, ({ call }) => {
          context.onProgress(`filling ${keyCount.toLocaleString("en-US")} entries, ${entrant.contestant}`);
          return call.fill({ everyTenth: false });
        }).open();
        closings.push(() => writer.stop());
        const warmUp = { concurrency: 16, durationMs: 500, timed: false, oneKey: false };
        const reader = await createCacheEntrant(context, place, ({ call }) => call.read(warmUp)).open();
        closings.push(() => reader.stop());
        return { writer, reader, stop };
      } catch (error) {
        await stop();
        throw error;
      }
    },
  };
}
