import { RunStopped } from "./errors";
import type { KnownClaims } from "./known-claims";
import type { LeaseTimes } from "./limits";
import type { ClaimedGeneration, ClaimStore, MonotonicClock, WorkerLogger, WorkerMetrics } from "./ports";
import type { RunGeneration } from "./run-generation";
import type { RunningGenerations } from "./running-generations";
import type { Slots } from "./slots";

export interface TakeDependencies {
  readonly claims: Pick<ClaimStore, "claim" | "claimNext">;
  readonly runGeneration: RunGeneration;
  readonly running: RunningGenerations;
  readonly slots: Slots;
  readonly known: Pick<KnownClaims, "began" | "ended" | "answerLost">;
  readonly metrics: WorkerMetrics;
  readonly logger: WorkerLogger;
  readonly times: LeaseTimes;
  /** Whether the queue in Redis brings work. Rows are claimed at once while it doesn't, and late when it does. */
  readonly isQueueWell: () => boolean;
  readonly clock: MonotonicClock;
}

/** How work gets into this process. Both ways share the slots, and the row decides who runs it. */
export interface TakeGenerations {
  /**
   * A delivery of the queue: waits for a slot, claims the row, runs it; a row that can't be claimed is dropped.
   * Rejects when stopped before the claim, or when the store can't be asked: the row is found again later.
   */
  deliver(generationId: string, signal: AbortSignal): Promise<void>;
  /** Somebody says that this row waits and the queue doesn't bring it: claims it if a slot is free. Never rejects. */
  offer(generationId: string): Promise<void>;
  /** Claims waiting rows until the slots are full or nothing is left for this worker. Never rejects. */
  lookForRows(): Promise<void>;
  /** When a look at the rows last got its answer, be it a refusal; before the first, when this was made. */
  lookedAt(): number;
  /** Takes nothing more, hands every run back and waits for that. */
  stop(): Promise<void>;
}

export function createTakeGenerations(dependencies: TakeDependencies): TakeGenerations {
  const { claims, runGeneration, running, slots, known, metrics, logger, times, isQueueWell, clock } =
    dependencies;
  const stopping = new AbortController();
  const runs = new Set<Promise<unknown>>();
  /** Claims that are asked for; resolved when what they brought is among `runs`. */
  const claimings = new Set<Promise<unknown>>();
  let looking = false;
  let lookAgain = false;
  let lookedAt = clock();

  function run(claimed: ClaimedGeneration, from: "queue" | "rows"): Promise<unknown> {
    metrics.claimed(from);
    known.began(claimed);
    const ended = runGeneration(claimed);
    runs.add(ended);
    void ended.finally(() => {
      runs.delete(ended);
      known.ended(claimed);
    });
    // Claimed while the stop began: it goes back at once.
    if (stopping.signal.aborted) stopAll();
    return ended;
  }

  /** Also a run that this process has lost, and another one of the same row. */
  function stopAll(): void {
    for (const each of running.all()) each.stop("handing-back");
  }

  async function claimAndRun(claim: () => Promise<ClaimedGeneration | undefined>, from: "queue" | "rows") {
    try {
      const claimed = await claim();
      return claimed && { ended: run(claimed, from) };
    } catch (error) {
      known.answerLost();
      throw error;
    }
  }

  /** Claims and runs, so that a stop knows of it. @returns undefined when there is nothing to claim */
  function begin(...claim: Parameters<typeof claimAndRun>): ReturnType<typeof claimAndRun> {
    const beginning = claimAndRun(...claim);
    claimings.add(beginning);
    const forget = () => claimings.delete(beginning);
    beginning.then(forget, forget);
    return beginning;
  }

  /** @returns false when there is no slot or nothing to claim */
  async function claimWith(claim: () => Promise<ClaimedGeneration | undefined>): Promise<boolean> {
    const release = stopping.signal.aborted ? undefined : slots.tryTake();
    if (!release) return false;
    const begun = await begin(claim, "rows").catch((error: unknown) => {
      logger.debug("looking for rows failed", { cause: String(error) });
    });
    if (!begun) {
      release();
      return false;
    }
    void begun.ended.finally(() => {
      release();
      void lookForRows();
    });
    return true;
  }

  async function claimRows(): Promise<void> {
    let found = true;
    while (found) {
      const options = isQueueWell() ? { queuedForMs: times.overdueMs } : {};
      found = await claimWith(() => claims.claimNext(options));
      lookedAt = clock();
    }
  }

  async function lookForRows(): Promise<void> {
    lookAgain = true;
    if (looking) return;
    looking = true;
    while (takeWish()) await claimRows();
    looking = false;
  }

  function takeWish(): boolean {
    const wished = lookAgain && !stopping.signal.aborted;
    lookAgain = false;
    return wished;
  }

  return {
    async deliver(generationId, signal) {
      const release = await slots.take(AbortSignal.any([signal, stopping.signal]));
      let hasRun = false;
      try {
        const begun = await begin(() => claims.claim(generationId), "queue");
        if (begun) await begun.ended;
        else logger.debug("a delivery was dropped", { generationId });
        hasRun = begun !== undefined;
      } finally {
        release();
      }
      // What this run's user left no room for may wait in the rows.
      if (hasRun) void lookForRows();
    },
    async offer(generationId) {
      await claimWith(() => claims.claim(generationId));
    },
    lookForRows,
    lookedAt: () => lookedAt,
    async stop() {
      stopping.abort(new RunStopped("handing-back"));
      stopAll();
      // What they bring goes back as well, while the store is still open.
      await Promise.allSettled(claimings);
      await Promise.allSettled(runs);
    },
  };
}
