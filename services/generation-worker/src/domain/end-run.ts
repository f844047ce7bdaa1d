import { describeFailure, describeGivenUp, type FailedRun, type RunFailure } from "./engine-problem";
import { StoreUnavailable } from "./errors";
import type { EventLane } from "./event-lane";
import { EngineError } from "./generation-engine";
import { keepTrying } from "./keep-trying";
import { MAX_ATTEMPTS, type LeaseTimes } from "./limits";
import type {
  ClaimStore,
  Completion,
  News,
  RunOutcome,
  WorkerLogger,
  WorkerMetrics,
  WrittenBatch,
} from "./ports";
import { findStopReason, type Run } from "./running-generations";

/** How long a stopping worker tries to get its last events into the log. */
const LAST_EVENTS_MS = 3000;

export interface EndRunDependencies {
  readonly claims: Pick<ClaimStore, "complete" | "fail" | "handBack">;
  readonly news: News;
  readonly metrics: WorkerMetrics;
  readonly logger: WorkerLogger;
  readonly times: LeaseTimes;
}

/** A run, its way into the log, and since when it runs on the monotonic clock. */
export interface StartedRun {
  readonly run: Run;
  readonly lane: EventLane;
  readonly startedAt: number;
}

/** The ends a run can have. Each asks the store, which may be away, and tells the world what became of it. */
export interface EndRun {
  complete(started: StartedRun, completion: Completion): Promise<RunOutcome>;
  fail(started: StartedRun, failure: RunFailure): Promise<RunOutcome>;
  /** A run that threw: its engine's fault, ours, or a stop from outside. */
  endBadly(started: StartedRun, error: unknown): Promise<RunOutcome>;
}

export function createEndRun({ claims, news, metrics, logger, times }: EndRunDependencies): EndRun {
  async function complete({ run, lane }: StartedRun, completion: Completion): Promise<RunOutcome> {
    const { claimed, signal } = run;
    await lane.flush(signal);
    signal.throwIfAborted();
    const written = await keepTrying(() => claims.complete(claimed, completion), {
      forMs: times.storeAwayMs,
      signal,
    });
    return settle(written, "completed");
  }

  async function fail(started: StartedRun, given: RunFailure): Promise<RunOutcome> {
    const { run, lane } = started;
    const failure = withinDeadline(started, given);
    sayRetry(started, failure);
    await lane.flush(run.signal);
    return store(run, failure, { forMs: times.storeAwayMs, signal: run.signal });
  }

  /** The run's own signal is spent; the row is still held. */
  async function failStopped(started: StartedRun, error: EngineError): Promise<RunOutcome> {
    const { run, lane } = started;
    const failure = withinDeadline(started, describeFailure(error, described(started)));
    sayRetry(started, failure);
    await settledWithin(lane.flush(), LAST_EVENTS_MS);
    return store(run, failure, { forMs: times.leaseMs });
  }

  async function store(
    { claimed }: Run,
    failure: RunFailure,
    patience: Parameters<typeof keepTrying>[1],
  ): Promise<RunOutcome> {
    const answer = await keepTrying(() => claims.fail(claimed, { ...failure, events: [] }), patience);
    if (answer.kind !== "requeued") {
      return settle(answer.kind === "failed" ? answer.written : undefined, "failed");
    }
    metrics.retried(failure.problem.code);
    if (answer.written) news.logGrew(answer.written);
    return "retried";
  }

  /** What would wait beyond the deadline fails now. */
  function withinDeadline(started: StartedRun, failure: RunFailure): RunFailure {
    const { retryAfterMs } = failure;
    if (retryAfterMs === undefined) return failure;
    const { openForMs } = described(started);
    return openForMs + retryAfterMs > times.deadlineMs ? describeGivenUp(failure, times.deadlineMs) : failure;
  }

  function sayRetry({ run, lane }: StartedRun, failure: RunFailure): void {
    const { problem, retryAfterMs, isCounted = true } = failure;
    const { attempt } = run.claimed;
    if (retryAfterMs === undefined || (isCounted && attempt >= MAX_ATTEMPTS)) return;
    const count = isCounted ? ` (attempt ${attempt} of ${MAX_ATTEMPTS} failed)` : "";
    const message = `${problem.title}; trying again in ${Math.ceil(retryAfterMs / 1000)} s${count}.`;
    lane.append({ body: { type: "log", level: "warn", message } });
  }

  function settle(written: WrittenBatch | undefined, outcome: RunOutcome): RunOutcome {
    if (!written) {
      metrics.fenced();
      return "fenced";
    }
    news.logGrew(written);
    return outcome;
  }

  async function handBack({ run: { claimed }, lane }: StartedRun): Promise<RunOutcome> {
    // What is not in the log by then is written again by the next run.
    await settledWithin(lane.flush(), LAST_EVENTS_MS);
    const isBack = await keepTrying(() => claims.handBack(claimed), { forMs: LAST_EVENTS_MS });
    if (!isBack) return "fenced";
    news.queued(claimed.id);
    return "handed-back";
  }

  return {
    complete,
    fail,
    async endBadly(started, error) {
      const { claimed, signal } = started.run;
      const reason = findStopReason(signal);
      if (reason === "handing-back") return handBack(started);
      if (reason === "too-long" || reason === "idle" || reason === "rejected") {
        return failStopped(started, stopErrors[reason]());
      }
      if (reason !== undefined) return reason;
      if (error instanceof StoreUnavailable) return "store-away";
      if (!(error instanceof EngineError)) logger.error("a run failed", { generationId: claimed.id, error });
      return fail(started, describeFailure(error, described(started))).catch((unstored: unknown) => {
        if (findStopReason(signal) === "handing-back") return handBack(started);
        throw unstored;
      });
    },
  };
}

function described({ run: { claimed }, startedAt }: StartedRun): FailedRun {
  return { attempt: claimed.attempt, openForMs: claimed.openForMs + performance.now() - startedAt };
}

const stopErrors = {
  "too-long": () => new EngineError("model_timeout", "The run took too long.", { retryable: false }),
  idle: () => new EngineError("model_timeout", "Nothing came for too long.", { retryable: true }),
  rejected: () => new EngineError("output_invalid", "The output can't be stored.", { retryable: false }),
};

async function settledWithin(promise: Promise<void>, timeoutMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, timeoutMs);
  });
  await Promise.race([promise.catch(() => undefined), timeout]);
  clearTimeout(timer);
}
