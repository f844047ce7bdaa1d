import type { ArchiveMetrics, ArchiveNews, ArchiveStore } from "./domain/archive-ports";
import { createBuildArchive } from "./domain/build-archive";
import type { LeaseTimes } from "./domain/limits";
import type { WorkerLogger } from "./domain/ports";
import { createSlots } from "./domain/slots";
import { createSweepArchives } from "./domain/sweep-archives";
import { createTakeArchives } from "./domain/take-archives";
import { createArchiveHandlers, subscribeToArchives } from "./inbound/archive.consumer";
import { startArchiveTimers } from "./inbound/archives.timer";
import type { NewsSource } from "./inbound/bus.subscriber";

export interface ArchiveAppDependencies {
  readonly store: ArchiveStore;
  readonly news: ArchiveNews;
  readonly metrics: ArchiveMetrics;
  readonly logger: WorkerLogger;
  readonly times: LeaseTimes;
  readonly bus: NewsSource;
  /** Connects the queue's deliveries to their handlers. */
  readonly consume: (handlers: ReturnType<typeof createArchiveHandlers>) => ArchiveConsumer;
  /** archives built at once in this process, beside its generations */
  readonly concurrency: number;
}

interface ArchiveConsumer {
  start(): void;
  pause(): Promise<void>;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** The worker's second kind of work, with slots, queue and rows of its own. */
export function createArchiveApp(dependencies: ArchiveAppDependencies) {
  const { times, bus, concurrency } = dependencies;
  const buildArchive = createBuildArchive({
    ...dependencies,
    clock: () => performance.now(),
    storeAwayMs: times.storeAwayMs,
  });
  const take = createTakeArchives({ ...dependencies, buildArchive, slots: createSlots(concurrency) });
  const sweepArchives = createSweepArchives(dependencies);
  const consumer = dependencies.consume(createArchiveHandlers(take));
  let timers: { stop(): void } | undefined;

  return {
    async start(): Promise<void> {
      timers = startArchiveTimers({ take, sweepArchives }, times);
      consumer.start();
      await subscribeToArchives(bus, take);
    },
    /** Takes nothing more, hands every build back, lets the queue go. */
    async stop(): Promise<void> {
      // Without waiting: a consumer that can't reach Redis may take its time, the rows may not.
      void consumer.pause().catch(() => undefined);
      await take.stop();
      timers?.stop();
      await consumer.close({ timeoutMs: 1000 });
    },
  };
}
