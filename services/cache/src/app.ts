import type { Express } from "express";
import { withCallersBudget } from "@vibe-friend/redis-kit/degradation/callers-budget";
import type { ReadFigures } from "@vibe-friend/service-kit/read-figures";
import type { ReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import { createDescribeCache } from "./domain/describe-cache";
import { createDescribeStatistics } from "./domain/describe-statistics";
import { createInvalidateCache } from "./domain/invalidate-cache";
import type { AuditLog, GenerationQueue, ReadModelCache, RedisServers, SettingsStore } from "./domain/ports";
import { createPutSettings } from "./domain/put-settings";
import type { ReadReadModel } from "./domain/read-model";
import { createSaveRedis } from "./domain/save-redis";
import { createReadModelRoutes } from "./inbound/read-models.routes";

export interface CacheDependencies extends ServiceAppParts {
  readonly cache: ReadModelCache;
  readonly readModel: ReadReadModel;
  readonly stages: ReadModelStages;
  readonly figures: ReadFigures;
  readonly settings: SettingsStore;
  readonly redis: RedisServers;
  readonly queue: GenerationQueue;
  readonly audit: AuditLog;
  readonly tokenSecret: string;
}

export function createApp(deps: CacheDependencies): Express {
  const { settings: store, redis, tokenSecret } = deps;
  const useCases = {
    readModel: deps.readModel,
    putSettings: createPutSettings({ ...deps, store }),
    describeStatistics: createDescribeStatistics(deps),
    describeCache: createDescribeCache(deps),
    invalidateCache: createInvalidateCache(deps),
    describeRedis: () => redis.describe(),
    saveRedis: createSaveRedis(deps),
  };
  return createServiceApp(
    deps,
    (app) => {
      app.use(createReadModelRoutes(useCases, tokenSecret));
    },
    { aroundRequests: withCallersBudget },
  );
}
