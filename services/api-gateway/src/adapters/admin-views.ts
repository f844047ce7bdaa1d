import type { internalCacheCalls } from "@vibe-friend/contracts/internal";
import type { ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import { describeReadModel } from "@vibe-friend/service-kit/describe-read-model";
import type { InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { ReadFigures } from "@vibe-friend/service-kit/read-figures";
import type { ReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import type { AdminViews } from "../domain/ports";

export interface AdminViewsOptions {
  readonly cacheService: InternalClient<typeof internalCacheCalls>;
  readonly figures: Pick<ReadFigures, "read">;
  readonly stages: Pick<ReadModelStages, "of">;
}

/** Looking at Redis and counting in Postgres may take their time; nobody else waits for it. */
const TIMEOUT_MS = 5000;
/** For a prefix all keys are walked through; less than clients wait. */
const WALK_TIMEOUT_MS = 25_000;

/** Read here for every request; the cache service only sees what was not in the cache. */
const readHere: readonly ReadModelName[] = ["permissions", "settings"];

/** The cache service's views; for what the gateway reads itself its own figures stand in. */
export function createAdminViews({ cacheService, figures, stages }: AdminViewsOptions): AdminViews {
  const inTime = (requestId: string | undefined) => ({ timeoutMs: TIMEOUT_MS, requestId });
  return {
    statistics: (requestId) => cacheService.call("statistics", {}, inTime(requestId)),
    users: (query, requestId) => cacheService.call("users", query, inTime(requestId)),
    async cache(requestId) {
      const { items } = await cacheService.call("cache", {}, inTime(requestId));
      const own = await Promise.all(
        readHere.map(async (model) =>
          describeReadModel({
            model,
            stage: stages.of(model),
            process: "api-gateway",
            figures: await figures.read(model),
          }),
        ),
      );
      const others = items.filter(({ model }) => !readHere.includes(model));
      return { items: [...own, ...others].sort((a, b) => b.calls - a.calls), nextCursor: null };
    },
    invalidateCache: (order) =>
      cacheService.call("invalidate-cache", order, {
        requestId: order.caller.requestId,
        timeoutMs: order.what.prefix === undefined ? TIMEOUT_MS : WALK_TIMEOUT_MS,
      }),
    redis: (requestId) => cacheService.call("redis", {}, inTime(requestId)),
    saveRedis: (order) => cacheService.call("save-redis", order, inTime(order.caller.requestId)),
  };
}
