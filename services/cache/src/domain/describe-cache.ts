import type { CacheView, ReadModelFigures } from "@vibe-friend/contracts/cache-admin";
import { readModelNames, type ReadModelName } from "@vibe-friend/contracts/read-model-stage";
import type { ReadFigures } from "@vibe-friend/service-kit/read-figures";
import { describeReadModel } from "@vibe-friend/service-kit/describe-read-model";
import type { ReadModelStages } from "@vibe-friend/service-kit/read-model-stages";

export interface DescribeCacheDependencies {
  readonly figures: ReadFigures;
  readonly stages: Pick<ReadModelStages, "of">;
}

/** What reading each model was like in this process; the most called first. */
export function createDescribeCache({ figures, stages }: DescribeCacheDependencies) {
  return async function describeCache(): Promise<CacheView> {
    const describe = async (model: ReadModelName): Promise<ReadModelFigures> =>
      describeReadModel({
        model,
        stage: stages.of(model),
        process: "cache",
        figures: await figures.read(model),
      });
    const items = await Promise.all(readModelNames.map(describe));
    return { items: items.sort((a, b) => b.calls - a.calls), nextCursor: null };
  };
}
