import { RunStopped, StoreUnavailable } from "./errors";
import { createEventLane, type EventLane, type LaneState } from "./event-lane";
import type { LeaseTimes } from "./limits";
import type {
  AppendResult,
  ClaimStore,
  EventBatch,
  MonotonicClock,
  News,
  StopReason,
  WorkerLogger,
  WorkerMetrics,
} from "./ports";
import type { Run } from "./running-generations";

const FIRST_RETRY_MS = 100;
const MAX_RETRY_MS = 1000;
/** UTF-16 units of files that one statement saves; more only when a single run brings more. */
const MAX_SAVED = 8 * 1024 * 1024;

export interface EventWriterDependencies {
  readonly claims: Pick<ClaimStore, "appendEvents">;
  readonly news: Pick<News, "logGrew">;
  readonly metrics: WorkerMetrics;
  readonly logger: WorkerLogger;
  readonly clock: MonotonicClock;
  readonly times: LeaseTimes;
}

export interface EventWriter {
  /** A run's lane; its events follow what the log held when the row was claimed. */
  open(run: Run): EventLane;
}

/**
 * Writes the events of all runs of this process: about every `flushMs` one statement, then the news. What
 * the store doesn't confirm for a held run stays first in line and is offered again unchanged, so a write
 * whose answer was lost is found, not repeated. While the store is away lanes fill up to their bound and
 * hold their engines back; after `storeAwayMs` the runs are given up.
 */
export function createEventWriter(dependencies: EventWriterDependencies): EventWriter {
  const { claims, news, metrics, logger, clock, times } = dependencies;
  const lanes = new Set<LaneState>();
  let timer: NodeJS.Timeout | undefined;
  let timerIsUrgent = false;
  let writing = false;
  let awaySince: number | undefined;
  let retryMs = FIRST_RETRY_MS;

  function schedule(delayMs: number): void {
    clearTimeout(timer);
    timerIsUrgent = delayMs === 0;
    timer = setTimeout(() => {
      timer = undefined;
      void write();
    }, delayMs);
  }

  function wake(urgent: boolean): void {
    // While the store is away its own pace counts; while a write runs its end looks again.
    if (writing || awaySince !== undefined) return;
    if (timer === undefined) schedule(urgent ? 0 : times.flushMs);
    else if (urgent && !timerIsUrgent) schedule(0);
  }

  async function write(): Promise<void> {
    const batches = pending();
    if (batches.size === 0) {
      rest();
      return;
    }
    writing = true;
    try {
      await store(batches);
      if (awaySince !== undefined) logger.info("events are being stored again");
      rest();
    } catch (error) {
      wait(batches, error);
    } finally {
      writing = false;
    }
    if (pending().size === 0) rest();
    else schedule(awaySince === undefined ? times.flushMs : nextRetry());
  }

  /** Also when nothing waits any more: nobody will try again, so whoever comes next finds out by itself. */
  function rest(): void {
    awaySince = undefined;
    retryMs = FIRST_RETRY_MS;
  }

  function pending(): Map<LaneState, EventBatch> {
    const batches = new Map<LaneState, EventBatch>();
    let size = 0;
    for (const lane of lanes) {
      const batch = lane.batch();
      if (!batch) continue;
      const saved = batch.saved.reduce((sum, { content }) => sum + content.length, 0);
      // The rest waits for the next statement: a few large files at once must not outlast its deadline.
      if (saved > 0 && size > 0 && size + saved > MAX_SAVED) continue;
      size += saved;
      batches.set(lane, batch);
    }
    return batches;
  }

  async function store(batches: ReadonlyMap<LaneState, EventBatch>): Promise<void> {
    const startedAt = clock();
    let written: AppendResult["written"];
    try {
      ({ written } = await claims.appendEvents([...batches.values()]));
    } catch (error) {
      if (error instanceof StoreUnavailable) throw error;
      await storeOneByOne(batches, error);
      return;
    }
    const byId = new Map(written.map((batch) => [batch.generationId, batch]));
    let count = 0;
    for (const [lane, batch] of batches) {
      const where = byId.get(batch.hold.id);
      if (where) {
        count += batch.events.length;
        lane.confirm(where);
        news.logGrew(where);
      } else {
        metrics.fenced();
        giveUp(lane, "fenced");
      }
    }
    metrics.batchWritten(count, clock() - startedAt);
  }

  /** One run's events are refused by the store: find out whose, so that the others go on. */
  async function storeOneByOne(batches: ReadonlyMap<LaneState, EventBatch>, error: unknown): Promise<void> {
    if (batches.size > 1) {
      for (const [lane, batch] of batches) await store(new Map([[lane, batch]]));
      return;
    }
    for (const [lane, batch] of batches) {
      logger.error("the store refuses events", { generationId: batch.hold.id, cause: String(error) });
      giveUp(lane, "rejected", error);
    }
  }

  function wait(batches: ReadonlyMap<LaneState, EventBatch>, error: unknown): void {
    if (awaySince === undefined) {
      awaySince = clock();
      logger.warn("events can't be stored, keeping them", { cause: String(error), runs: batches.size });
    }
    if (clock() - awaySince < times.storeAwayMs) return;
    logger.error("events couldn't be stored for too long, giving their runs up", { runs: batches.size });
    for (const lane of batches.keys()) giveUp(lane, "store-away", error);
  }

  function nextRetry(): number {
    const delayMs = retryMs;
    retryMs = Math.min(MAX_RETRY_MS, retryMs * 2);
    return delayMs;
  }

  function giveUp(lane: LaneState, reason: StopReason, cause?: unknown): void {
    lane.run.stop(reason, cause);
    lane.break(new RunStopped(reason, { cause }));
  }

  return {
    open(run) {
      const lane = createEventLane(run, { onWork: wake, onClose: () => lanes.delete(lane) });
      lanes.add(lane);
      return lane;
    },
  };
}
