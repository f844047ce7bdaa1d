import type { ArchiveNews, ArchiveStore } from "./archive-ports";
import type { WorkerLogger } from "./ports";

export interface SweepArchivesDependencies {
  readonly store: Pick<ArchiveStore, "sweep" | "removeUnused">;
  readonly news: ArchiveNews;
  readonly logger: WorkerLogger;
}

/** Archives that nobody asks for are removed after this long, a few at a time; milliseconds. */
const UNUSED_MS = 24 * 3_600_000;
const REMOVED_AT_ONCE = 20;

/** Takes archives away from workers that stopped renewing, and tells who can go on. Never rejects. */
export function createSweepArchives({ store, news, logger }: SweepArchivesDependencies) {
  return {
    async sweep(): Promise<void> {
      try {
        const { requeued, failed } = await store.sweep();
        for (const generationId of requeued) {
          logger.warn("a worker lost its archive", { generationId });
          news.queued(generationId);
        }
        for (const generationId of failed) {
          logger.error("an archive ran out of attempts", { generationId });
          news.grew(generationId, 0);
        }
      } catch (error) {
        logger.debug("a sweep of archives failed", { cause: String(error) });
      }
    },
    async removeUnused(): Promise<void> {
      try {
        const removed = await store.removeUnused(UNUSED_MS, REMOVED_AT_ONCE);
        if (removed > 0) logger.info("unused archives were removed", { removed });
      } catch (error) {
        logger.debug("removing unused archives failed", { cause: String(error) });
      }
    },
  };
}
