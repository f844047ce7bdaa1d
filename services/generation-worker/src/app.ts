import { createServiceApp, type ServiceAppParts } from "@vibe-friend/service-kit/service-app";
import { createFindStall } from "./domain/find-stall";
import { createKeepLeases } from "./domain/keep-leases";
import { createKnownClaims } from "./domain/known-claims";
import type { LeaseTimes } from "./domain/limits";
import type { ClaimStore, DispatchMetrics, Engines, News, WorkerLogger, WorkerMetrics } from "./domain/ports";
import { createReconcile, type DispatchStore, type HeldQueue } from "./domain/reconcile";
import { createReturnLost } from "./domain/return-lost";
import { createRunGeneration } from "./domain/run-generation";
import { createRunningGenerations } from "./domain/running-generations";
import { createSampleFigures, type SampleDependencies } from "./domain/sample-figures";
import { createSlots } from "./domain/slots";
import { createSweepLeases } from "./domain/sweep-leases";
import { createTakeGenerations } from "./domain/take-generations";
import { createEventWriter } from "./domain/write-events";
import { subscribeToNews, type NewsSource } from "./inbound/bus.subscriber";
import { createGenerationHandlers } from "./inbound/generation.consumer";
import { startTimers } from "./inbound/leases.timer";

export interface AppDependencies {
  readonly claims: ClaimStore;
  readonly engines: Engines;
  readonly news: News;
  readonly metrics: WorkerMetrics & DispatchMetrics;
  readonly dispatch: DispatchStore & SampleDependencies["dispatch"];
  /** the queue as it is compared with the rows */
  readonly held: HeldQueue;
  readonly logger: WorkerLogger;
  readonly times: LeaseTimes;
  readonly bus: NewsSource;
  /** Connects the queue's deliveries to their handlers. */
  readonly consume: (handlers: ReturnType<typeof createGenerationHandlers>) => QueueConsumer;
  readonly isQueueWell: () => boolean;
  readonly concurrency: number;
}

interface QueueConsumer {
  start(): void;
  isConsuming(): boolean;
  pause(): Promise<void>;
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

export interface WorkerApp {
  readonly freeSlots: () => number;
  /** Why it takes no work though it could. */
  readonly findStall: () => string | undefined;
  start(): Promise<void>;
  /** Takes nothing more, hands every run back, lets the queue go. */
  stop(): Promise<void>;
}

/** The worker: the queue, the news and the timers on one side, the rows on the other. */
export function createApp(dependencies: AppDependencies): WorkerApp {
  const running = createRunningGenerations();
  const slots = createSlots(dependencies.concurrency);
  const clock = () => performance.now();
  const known = createKnownClaims(dependencies.times.leaseMs, clock);
  const writer = createEventWriter({ ...dependencies, clock });
  const runGeneration = createRunGeneration({ ...dependencies, running, writer });
  const take = createTakeGenerations({ ...dependencies, running, slots, known, runGeneration, clock });
  const keepLeases = createKeepLeases({ ...dependencies, running });
  const sweepLeases = createSweepLeases(dependencies);
  const returnLost = createReturnLost({ ...dependencies, known });
  const sampleFigures = createSampleFigures(dependencies);
  const { held: queue, times } = dependencies;
  const reconcile = createReconcile({ ...dependencies, queue, overdueMs: times.overdueMs });
  const consumer = dependencies.consume(createGenerationHandlers(take));
  let timers: { stop(): void } | undefined;

  return {
    freeSlots: slots.free,
    findStall: createFindStall({
      ...{ lookedAt: () => take.lookedAt(), isConsuming: () => consumer.isConsuming() },
      ...{ isQueueWell: dependencies.isQueueWell, clock },
    }),
    async start() {
      timers = startTimers({ keepLeases, sweepLeases, returnLost, reconcile, sampleFigures, take }, times);
      consumer.start();
      await subscribeToNews(dependencies.bus, {
        take,
        keepLeases,
        isRunning: (generationId) => running.find(generationId) !== undefined,
      });
    },
    async stop() {
      // Without waiting: a consumer that can't reach Redis may take its time, the rows may not.
      void consumer.pause().catch(() => undefined);
      await take.stop();
      timers?.stop();
      await consumer.close({ timeoutMs: 1000 });
    },
  };
}

/** `/livez`, `/readyz`, `/metrics`; a worker has nothing else to say over HTTP. */
export function createHttpApp(parts: ServiceAppParts) {
  return createServiceApp(parts, () => undefined);
}
