import { ARCHIVE_QUEUED_TOPIC, archiveNewsSchema, archiveTopic } from "@vibe-friend/contracts/bus-messages";
import type { archiveJobs } from "@vibe-friend/contracts/jobs";
import type { Bus } from "@vibe-friend/redis-kit/bus/bus";
import type { JobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import type { Lifecycle } from "@vibe-friend/service-kit/lifecycle";
import type { Logger } from "@vibe-friend/service-kit/logger";
import type { ArchiveJob, ArchiveNews, Archives, ArchiveStore } from "../domain/archive-ports";
import { createHandOver } from "../domain/hand-over";

export interface ArchiveWorkOptions {
  readonly stores: {
    readonly archives: ArchiveStore;
    readonly archiveQueue: JobProducer<typeof archiveJobs>;
    readonly bus: Pick<Bus, "publish" | "subscribe" | "onGap">;
  };
  readonly logger: Logger;
  readonly lifecycle: Pick<Lifecycle, "own">;
}

/** Archives as the gateway orders and follows them: rows, queue and news. */
export function createArchiveWork({ stores, logger, lifecycle }: ArchiveWorkOptions): Archives {
  const news = createArchiveNews(stores.bus, logger);
  const queue = createArchiveQueue(stores.archiveQueue, logger);
  const handOver = createHandOver({ queue, news });
  lifecycle.own("archive hand-over", handOver, (open) => open.settled());
  return { store: stores.archives, news, handOver };
}

function createArchiveQueue(producer: JobProducer<typeof archiveJobs>, logger: Logger) {
  return {
    async add({ id, build }: ArchiveJob): Promise<boolean> {
      try {
        // One job a build, however many ask for it.
        const handed = await producer.add("build", { generationId: id }, { id: `${id}-${build}` });
        return handed.kind === "ok";
      } catch (error) {
        logger.error("an archive could not be handed to the queue", { generationId: id, error });
        return false;
      }
    },
  };
}

function createArchiveNews(bus: Pick<Bus, "publish" | "subscribe" | "onGap">, logger: Logger): ArchiveNews {
  return {
    queued: (generationId) => bus.publish(ARCHIVE_QUEUED_TOPIC, { generationId }),
    onGrowth(generationId, listener) {
      const stopGapWatch = bus.onGap(listener);
      const subscribed = bus.subscribe(archiveTopic(generationId), archiveNewsSchema, listener);
      subscribed.catch((error: unknown) => {
        logger.warn("an archive's growth can't be heard", { generationId, error });
      });
      return () => {
        stopGapWatch();
        subscribed.then(
          (unsubscribe) => {
            unsubscribe();
          },
          () => undefined,
        );
      };
    },
  };
}
