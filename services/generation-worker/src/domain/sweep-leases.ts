import type { ClaimStore, News, WorkerLogger, WorkerMetrics } from "./ports";

export interface SweepDependencies {
  readonly claims: Pick<ClaimStore, "sweep">;
  readonly news: News;
  readonly metrics: Pick<WorkerMetrics, "swept">;
  readonly logger: WorkerLogger;
}

/** Takes rows away from workers that stopped renewing, whoever they were, and tells who is idle. Never rejects. */
export function createSweepLeases({ claims, news, metrics, logger }: SweepDependencies) {
  return async function sweepLeases(): Promise<void> {
    try {
      const swept = await claims.sweep();
      metrics.swept(swept);
      for (const { id } of swept.requeued) {
        logger.warn("a worker lost its generation", { generationId: id });
        news.queued(id);
      }
      for (const written of swept.failed) {
        logger.error("a generation ran out of attempts", { generationId: written.generationId });
        news.logGrew(written);
      }
    } catch (error) {
      logger.debug("a sweep failed", { cause: String(error) });
    }
  };
}

export type SweepLeases = ReturnType<typeof createSweepLeases>;
