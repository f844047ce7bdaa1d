import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import { EngineError, type EngineErrorCode } from "./generation-engine";
import { toStorable } from "./storable-text";

const titles: Record<EngineErrorCode, string> = {
  nothing_to_build: "There is nothing to build in this prompt",
  model_unavailable: "The model can't be reached",
  model_rate_limited: "The model is busy",
  model_refused: "The model refused",
  model_timeout: "The model took too long",
  output_truncated: "The model's output was cut short",
  output_invalid: "The engine's output can't be used",
  output_too_large: "The program is too large",
};

/** Why a run failed, and how long to wait before another try is worth it. */
export interface RunFailure {
  readonly problem: GenerationProblem;
  /** undefined: another try won't help */
  readonly retryAfterMs: number | undefined;
  /** false: it costs no attempt. Default: true. */
  readonly isCounted?: boolean;
}

/** How long the pause before another try may get. Milliseconds. */
interface BackOff {
  /** after the first failure; twice as long after each further one */
  readonly firstMs: number;
  readonly maxMs: number;
  /** false: it costs no attempt, and the pause grows with the time this has gone on instead */
  readonly isCounted: boolean;
}

const atOnce: BackOff = { firstMs: 1000, maxMs: 10_000, isCounted: true };

/** What is worth another try says the engine; this is the only place that waits for it. */
const backOffs: Record<EngineErrorCode, BackOff> = {
  // Others' doing, over soon or not at all.
  model_unavailable: { firstMs: 4000, maxMs: 60_000, isCounted: true },
  model_timeout: { firstMs: 2000, maxMs: 30_000, isCounted: true },
  // Nobody's fault: it waits for its turn, until the deadline.
  model_rate_limited: { firstMs: 4000, maxMs: 120_000, isCounted: false },
  // A model rolls its dice anew: waiting doesn't make it better.
  output_truncated: atOnce,
  output_invalid: atOnce,
  output_too_large: atOnce,
  model_refused: atOnce,
  nothing_to_build: atOnce,
};

/** The run that failed. */
export interface FailedRun {
  /** 1 for the first */
  readonly attempt: number;
  /** milliseconds since the first run began */
  readonly openForMs: number;
}

/**
 * What the prompt's owner is told. Errors that engines don't speak of are ours: no details, no other try. The
 * pause is anywhere between none and the longest (full jitter), on top of what the model asks for, so that what
 * failed together doesn't come back together.
 *
 * @param random 0 to below 1
 */
export function describeFailure(error: unknown, run: FailedRun, random = Math.random): RunFailure {
  if (!(error instanceof EngineError)) {
    const title = "Something went wrong on our side";
    return { problem: { code: "internal", title }, retryAfterMs: undefined };
  }
  const problem = { code: error.code, title: titles[error.code], detail: toStorable(error.message) };
  if (!error.retryable) return { problem, retryAfterMs: undefined };
  const { firstMs, maxMs, isCounted } = backOffs[error.code];
  const grownMs = isCounted ? firstMs * 2 ** (run.attempt - 1) : Math.max(firstMs, run.openForMs);
  const pauseMs = Math.round(random() * Math.min(maxMs, grownMs));
  return { problem, retryAfterMs: (error.options.retryAfterMs ?? 0) + pauseMs, isCounted };
}

/** For what would have to wait beyond its deadline: the last failure, and that it was the last. */
export function describeGivenUp({ problem }: RunFailure, deadlineMs: number): RunFailure {
  const minutes = Math.max(1, Math.round(deadlineMs / 60_000));
  const end = `Given up ${minutes} min after it began.`;
  const detail = problem.detail === undefined ? end : `${problem.detail} ${end}`;
  return { problem: { ...problem, detail }, retryAfterMs: undefined };
}

/** For an engine that this worker isn't set up for. */
export function describeMissingEngine(name: string): RunFailure {
  const detail =
    name === "llm"
      ? "No language model is set up here: LLM_BASE_URL or LLM_API_KEY is needed. The built-in engine works without."
      : `There is no engine called ${JSON.stringify(name)} here.`;
  return {
    problem: { code: "engine_not_configured", title: "This engine is not set up", detail },
    retryAfterMs: undefined,
  };
}
