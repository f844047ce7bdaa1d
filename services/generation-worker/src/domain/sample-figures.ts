import type { DispatchFigures, DispatchMetrics, WorkerLogger } from "./ports";

export interface SampleDependencies {
  readonly dispatch: { figures(): Promise<DispatchFigures> };
  readonly metrics: Pick<DispatchMetrics, "sampled">;
  readonly logger: WorkerLogger;
}

/** Takes what the rows say over into the metrics; while Postgres is away the last figures stand. Never rejects. */
export function createSampleFigures({ dispatch, metrics, logger }: SampleDependencies) {
  return async function sampleFigures(): Promise<void> {
    try {
      metrics.sampled(await dispatch.figures());
    } catch (error) {
      logger.debug("the rows couldn't be sampled", { cause: String(error) });
    }
  };
}

export type SampleFigures = ReturnType<typeof createSampleFigures>;
