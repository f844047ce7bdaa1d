import { describeFailure, describeMissingEngine, type RunFailure } from "./engine-problem";
import { StoreUnavailable } from "./errors";
import type { EventLane } from "./event-lane";
import { EngineError, type GenerationEngine } from "./generation-engine";
import { keepTrying } from "./keep-trying";
import { MAX_ATTEMPTS, type LeaseTimes } from "./limits";
import type {
  ClaimedGeneration,
  ClaimStore,
  Completion,
  Engines,
  News,
  RunOutcome,
  WorkerLogger,
  WorkerMetrics,
  WrittenBatch,
} from "./ports";
import { readUntilStopped } from "./read-until-stopped";
import { findStopReason, type Run, type RunningGenerations } from "./running-generations";
import { createTranscript } from "./transcript";
import type { EventWriter } from "./write-events";

/** How long a stopping worker tries to get its last events into the log. */
const HAND_BACK_MS = 3000;

export interface RunDependencies {
  readonly claims: Pick<ClaimStore, "complete" | "fail" | "handBack">;
  readonly engines: Engines;
  readonly writer: EventWriter;
  readonly running: RunningGenerations;
  readonly news: News;
  readonly metrics: WorkerMetrics;
  readonly logger: WorkerLogger;
  readonly times: LeaseTimes;
}

/**
 * Runs a claimed generation to its end: `started`, what the engine says, then files, status and final event
 * in one transaction. Every write is fenced, so a run that lost its row changes nothing. A worker that
 * stops hands the row back; one that can't reach the store for too long lets the lease run out.
 *
 * Never rejects: what can go wrong ends the generation or leaves it to the next worker.
 */
export function createRunGeneration(dependencies: RunDependencies) {
  const { claims, engines, writer, running, news, metrics, logger, times } = dependencies;

  async function generate(run: Run, lane: EventLane): Promise<RunOutcome> {
    const { claimed, signal } = run;
    lane.append({ type: "started", attempt: claimed.attempt });
    const engine = engines.find(claimed.engine);
    if (!engine) return fail(run, lane, describeMissingEngine(claimed.engine));
    const completion = await listen(run, { lane, engine });
    await lane.flush(signal);
    signal.throwIfAborted();
    const written = await keepTrying(() => claims.complete(claimed, completion), {
      forMs: times.storeAwayMs,
      signal,
    });
    return settle(run, written, "completed");
  }

  async function listen(
    { claimed, signal }: Run,
    { lane, engine }: { lane: EventLane; engine: GenerationEngine },
  ): Promise<Completion> {
    const { id: generationId, prompt, attempt } = claimed;
    const request = { generationId, prompt, attempt, model: claimed.model ?? undefined };
    const transcript = createTranscript();
    try {
      for await (const event of readUntilStopped(engine.generate(request, signal), signal)) {
        for (const body of transcript.take(event)) lane.append(body);
        await lane.room();
      }
      return { files: transcript.finish(), events: [], usage: transcript.usage() ?? null };
    } finally {
      const usage = transcript.usage();
      if (usage) metrics.used(claimed.engine, usage);
    }
  }

  async function fail(run: Run, lane: EventLane, failure: RunFailure): Promise<RunOutcome> {
    const { claimed, signal } = run;
    const { problem, retryAfterMs } = failure;
    const isRetried = retryAfterMs !== undefined && claimed.attempt < MAX_ATTEMPTS;
    if (isRetried) lane.append({ type: "log", level: "warn", message: describeRetry(failure, claimed) });
    await lane.flush(signal);
    const answer = await keepTrying(
      () => claims.fail(claimed, { problem, events: [], ...(isRetried ? { retryAfterMs } : {}) }),
      { forMs: times.storeAwayMs, signal },
    );
    if (answer.kind !== "requeued") {
      return settle(run, answer.kind === "failed" ? answer.written : undefined, "failed");
    }
    if (answer.written) news.logGrew(answer.written);
    return "retried";
  }

  function settle(run: Run, written: WrittenBatch | undefined, outcome: RunOutcome): RunOutcome {
    if (!written) {
      metrics.fenced();
      return "fenced";
    }
    news.logGrew(written);
    return outcome;
  }

  async function handBack({ claimed }: Run, lane: EventLane): Promise<RunOutcome> {
    // What is not in the log by then is written again by the next run.
    await settledWithin(lane.flush(), HAND_BACK_MS);
    const isBack = await keepTrying(() => claims.handBack(claimed), { forMs: HAND_BACK_MS });
    if (!isBack) return "fenced";
    news.queued(claimed.id);
    return "handed-back";
  }

  async function endBadly(run: Run, lane: EventLane, error: unknown): Promise<RunOutcome> {
    const { claimed, signal } = run;
    const reason = findStopReason(signal);
    if (reason === "handing-back") return handBack(run, lane);
    if (reason === "too-long") return failStopped(claimed, "model_timeout");
    if (reason === "rejected") return failStopped(claimed, "output_invalid");
    if (reason !== undefined) return reason;
    if (error instanceof StoreUnavailable) return "store-away";
    if (!(error instanceof EngineError)) logger.error("a run failed", { generationId: claimed.id, error });
    return fail(run, lane, describeFailure(error, claimed.attempt)).catch((unstored: unknown) => {
      if (findStopReason(signal) === "handing-back") return handBack(run, lane);
      throw unstored;
    });
  }

  /** The run's own signal and lane are spent; the row is still held. */
  async function failStopped(
    claimed: ClaimedGeneration,
    code: "model_timeout" | "output_invalid",
  ): Promise<RunOutcome> {
    const message = code === "model_timeout" ? "The run took too long." : "The output can't be stored.";
    const { problem } = describeFailure(
      new EngineError(code, message, { retryable: false }),
      claimed.attempt,
    );
    const answer = await keepTrying(() => claims.fail(claimed, { problem, events: [] }), {
      forMs: times.leaseMs,
    });
    if (answer.kind !== "failed") return "fenced";
    news.logGrew(answer.written);
    return "failed";
  }

  return async function runGeneration(claimed: ClaimedGeneration): Promise<RunOutcome> {
    const run = running.start(claimed);
    const lane = writer.open(run);
    const limit = setTimeout(() => {
      run.stop("too-long");
    }, times.runMs);
    let outcome: RunOutcome = "failed";
    try {
      outcome = await generate(run, lane).catch((error: unknown) => endBadly(run, lane, error));
    } catch (error) {
      // The row is left to the sweep.
      outcome = findStopReason(run.signal) ?? "store-away";
      logger.warn("a run couldn't be ended", { generationId: claimed.id, cause: String(error) });
    } finally {
      clearTimeout(limit);
      running.end(run);
      lane.close();
    }
    metrics.ended(outcome, claimed.engine);
    logger.info("run ended", { generationId: claimed.id, attempt: claimed.attempt, outcome });
    return outcome;
  };
}

export type RunGeneration = ReturnType<typeof createRunGeneration>;

function describeRetry({ problem, retryAfterMs }: RunFailure, { attempt }: ClaimedGeneration): string {
  const seconds = Math.ceil((retryAfterMs ?? 0) / 1000);
  return `${problem.title}; trying again in ${seconds} s (attempt ${attempt} of ${MAX_ATTEMPTS} failed).`;
}

async function settledWithin(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
