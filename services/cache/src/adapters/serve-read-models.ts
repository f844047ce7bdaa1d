import { createRoles } from "@vibe-friend/database/repositories/roles";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { createStatistics } from "@vibe-friend/database/repositories/statistics";
import { createUserLists } from "@vibe-friend/database/repositories/user-list";
import { createUsers } from "@vibe-friend/database/repositories/users";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { createReadFigures } from "@vibe-friend/service-kit/read-figures";
import { createReadModelStages, watchReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import { createStagedReads } from "@vibe-friend/service-kit/staged-read";
import { createReadModelReader } from "../domain/read-model";
import type { connectStores } from "./connect-stores";
import { createDatabaseLoaders } from "./database-loaders";
import { createDatabaseSettings } from "./database-settings";
import { createRedisReadModels } from "./redis-read-models";

export interface ServeReadModelsOptions {
  readonly stores: Pick<Awaited<ReturnType<typeof connectStores>>, "database" | "cache">;
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly lifecycle: Lifecycle;
}

/** The read models on their sources and their cache, each in the stage that the settings say. */
export function serveReadModels({ stores, logger, metrics, lifecycle }: ServeReadModelsOptions) {
  const { database } = stores;
  const settings = createDatabaseSettings(createSettings(database));
  const loaders = createDatabaseLoaders({
    users: createUsers(database),
    roles: createRoles(database),
    settings,
    statistics: createStatistics(database),
    userLists: createUserLists(database),
  });
  const cache = createRedisReadModels(stores.cache);
  const stages = createReadModelStages();
  const figures = createReadFigures(metrics.registry);
  const reads = createStagedReads({ stages, figures, logger });
  const { readModel, readQuietly } = createReadModelReader({ cache, loaders, reads });
  const watch = watchReadModelStages(stages, async () => (await readQuietly("settings", undefined)).value);
  lifecycle.own("read model stages", watch, async (open) => {
    open.stop();
    await reads.settled();
  });
  return { cache, loaders, settings, stages, figures, reads, readModel };
}
