import type { Router } from "express";
import { internalCacheCalls } from "@vibe-friend/contracts/internal";
import { createInternalRoutes } from "@vibe-friend/service-kit/internal-routes";
import type { createDescribeCache } from "../domain/describe-cache";
import type { createDescribeStatistics } from "../domain/describe-statistics";
import type { createInvalidateCache } from "../domain/invalidate-cache";
import type { RedisServers } from "../domain/ports";
import type { createPutSettings } from "../domain/put-settings";
import type { ReadReadModel } from "../domain/read-model";
import type { createSaveRedis } from "../domain/save-redis";

export interface ReadModelUseCases {
  readonly readModel: ReadReadModel;
  readonly putSettings: ReturnType<typeof createPutSettings>;
  readonly describeStatistics: ReturnType<typeof createDescribeStatistics>;
  readonly describeCache: ReturnType<typeof createDescribeCache>;
  readonly invalidateCache: ReturnType<typeof createInvalidateCache>;
  readonly describeRedis: RedisServers["describe"];
  readonly saveRedis: ReturnType<typeof createSaveRedis>;
}

/** The gateway's calls, behind the internal token. */
export function createReadModelRoutes(useCases: ReadModelUseCases, tokenSecret: string): Router {
  const { readModel } = useCases;
  return createInternalRoutes({
    calls: internalCacheCalls,
    audience: "cache",
    secret: tokenSecret,
    handlers: {
      permissions: async ({ userId }) => (await readModel("permissions", userId)).value,
      async settings() {
        const { value, stale } = await readModel("settings", undefined);
        return { ...value, stale };
      },
      "put-settings": (change) => useCases.putSettings(change),
      statistics: () => useCases.describeStatistics(),
      async users(query) {
        const { value, stale } = await readModel("users", query);
        return { ...value, stale };
      },
      cache: () => useCases.describeCache(),
      "invalidate-cache": (order) => useCases.invalidateCache(order),
      redis: async () => ({ items: await useCases.describeRedis(), nextCursor: null }),
      "save-redis": (order) => useCases.saveRedis(order),
    },
  });
}
