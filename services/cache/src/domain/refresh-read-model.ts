import type { ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import type { ReadModelStages } from "@vibe-friend/service-kit/read-model-stages";
import type { ReadModelCache, ReadModelLoaders } from "./ports";
import { placeOf } from "./read-model";

export interface RefreshReadModelDependencies {
  readonly cache: Pick<ReadModelCache, "refresh">;
  readonly loaders: ReadModelLoaders;
  readonly stages: Pick<ReadModelStages, "of">;
}

/** Loads a read model ahead of time, so that nobody waits for it. Nothing to do while its cache is switched off. */
export function createRefreshReadModel({ cache, loaders, stages }: RefreshReadModelDependencies) {
  return async function refreshReadModel(model: Extract<ReadModelName, "statistics">): Promise<void> {
    if (stages.of(model) === "off") return;
    await cache.refresh(placeOf(loaders, model, undefined));
  };
}
