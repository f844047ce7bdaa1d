import type { ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import type { ReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import type { StagedReads } from "@vibe-friend/service-kit/staged-read";
import type { ReadModelCache, ReadModelLoaders } from "./ports";
import { placeOf } from "./read-model";

export interface RefreshReadModelDependencies {
  readonly cache: Pick<ReadModelCache, "refresh">;
  readonly loaders: ReadModelLoaders;
  readonly stages: Pick<ReadModelStages, "of">;
  readonly reads: Pick<StagedReads, "time">;
}

/** Loads a read model ahead of time, so that nobody waits for it. Nothing to do while its cache is switched off. */
export function createRefreshReadModel({ cache, loaders, stages, reads }: RefreshReadModelDependencies) {
  return async function refreshReadModel(model: Extract<ReadModelName, "statistics">): Promise<void> {
    if (stages.of(model) === "off") return;
    const place = placeOf(loaders, model, undefined);
    await cache.refresh({ ...place, load: () => reads.time(model, place.load) });
  };
}
