import type { internalCacheCalls } from "@vibe-friend/contracts/internal";
import type { InternalClient } from "@vibe-friend/service-kit/internal-client";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { Metrics } from "@vibe-friend/service-kit/metrics";
import { createReadFigures } from "@vibe-friend/service-kit/read-figures";
import { createReadModelStages, watchReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import { createStagedReads } from "@vibe-friend/service-kit/staged-read";
import { createAccessSource, type AccessSourceOptions } from "./access-source";
import { createAdminViews } from "./admin-views";
import { createSettingsSource, type SettingsSourceOptions } from "./settings-source";

export interface ReadModelsOptions {
  readonly stores: Pick<AccessSourceOptions, "cache" | "users" | "roles"> &
    Pick<SettingsSourceOptions, "settings">;
  readonly cacheService: InternalClient<typeof internalCacheCalls>;
  readonly metrics: Metrics;
  readonly logger: Logger;
  readonly lifecycle: Lifecycle;
}

/** What the gateway reads itself, each in its stage, and the views of what the cache service reads. */
export function createReadModels({ stores, cacheService, metrics, logger, lifecycle }: ReadModelsOptions) {
  const stages = createReadModelStages();
  const figures = createReadFigures(metrics.registry);
  const reads = createStagedReads({ stages, figures, logger });
  const parts = { ...stores, cacheService, stages, figures, reads };
  const settings = createSettingsSource(parts);
  const watch = watchReadModelStages(stages, () => settings.look());
  lifecycle.own("read model stages", watch, (open) => {
    open.stop();
  });
  return { settings, access: createAccessSource(parts), admin: createAdminViews(parts) };
}
