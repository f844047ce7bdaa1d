import { readModelNames } from "@vibe-friend/contracts/read-model-stage";
import type { StatisticsView } from "@vibe-friend/contracts/statistics";
import { shareOf } from "@vibe-friend/service-kit/describe-read-model";
import type { ReadFigures } from "@vibe-friend/service-kit/read-figures";
import type { GenerationQueue, RedisServers } from "./ports";
import type { ReadReadModel } from "./read-model";

export interface DescribeStatisticsDependencies {
  readonly readModel: ReadReadModel;
  readonly figures: Pick<ReadFigures, "read">;
  readonly queue: GenerationQueue;
  readonly redis: Pick<RedisServers, "mode">;
}

/** The cached counts, and what is true right now. @throws unavailable when Postgres is away and nothing is cached */
export function createDescribeStatistics(dependencies: DescribeStatisticsDependencies) {
  const { readModel, figures, queue, redis } = dependencies;

  async function readHitRate(): Promise<number | null> {
    const all = await Promise.all(readModelNames.map((model) => figures.read(model)));
    const hits = all.reduce((sum, one) => sum + one.hits.memory + one.hits.redis, 0);
    const looks = all.reduce((sum, { misses }) => sum + misses, hits);
    return shareOf(hits, looks);
  }

  return async function describeStatistics(): Promise<StatisticsView> {
    const [{ value, stale }, counts, cacheHitRate] = await Promise.all([
      readModel("statistics", undefined),
      queue.counts(),
      readHitRate(),
    ]);
    return { ...value, stale, cacheHitRate, queue: counts, mode: redis.mode() };
  };
}
