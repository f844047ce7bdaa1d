import type { ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import { keptValue, type ReadModelArgument, type ReadModelValue } from "@vibe-friend/contracts/read-models";
import type { ReadAnswer, ReadWays, StagedReads } from "@vibe-friend/service-kit/staged-read";
import type { ReadModelCache, ReadModelLoaders, ReadModelPlace } from "./ports";

export interface ReadModelDependencies {
  readonly cache: Pick<ReadModelCache, "read">;
  readonly loaders: ReadModelLoaders;
  readonly reads: StagedReads;
}

/** Reads one value of a read model in the way that its stage says. @throws what its loader throws */
export type ReadReadModel = <N extends ReadModelName>(
  model: N,
  argument: ReadModelArgument<N>,
) => Promise<ReadAnswer<ReadModelValue<N>>>;

/** Where a value of a read model is, and how it is loaded. */
export function placeOf<N extends ReadModelName>(
  loaders: ReadModelLoaders,
  model: N,
  argument: ReadModelArgument<N>,
): ReadModelPlace<N> {
  return { model, argument, load: () => loaders[model](argument) };
}

/** For people's questions (`readModel`), and for the process's own, which aren't counted (`readQuietly`). */
export function createReadModelReader({ cache, loaders, reads }: ReadModelDependencies) {
  function waysTo<N extends ReadModelName>(
    model: N,
    argument: ReadModelArgument<N>,
  ): ReadWays<ReadModelValue<N>> {
    const place = placeOf(loaders, model, argument);
    return {
      key: keptValue(model, argument).key,
      cached: (timed) => cache.read({ ...place, load: () => timed(place.load) }),
      source: place.load,
    };
  }
  const readModel: ReadReadModel = (model, argument) => reads.read(model, waysTo(model, argument));
  const readQuietly: ReadReadModel = (model, argument) => reads.readQuietly(model, waysTo(model, argument));
  return { readModel, readQuietly };
}
