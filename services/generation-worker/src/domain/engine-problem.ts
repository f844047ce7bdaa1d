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

const FIRST_RETRY_MS = 2000;
const MAX_RETRY_MS = 5 * 60_000;

/**
 * What the prompt's owner is told. Errors that engines don't speak of are ours: no details, no other try.
 *
 * @param attempt the run that failed, 1 for the first; the pause doubles with each
 */
export function describeFailure(error: unknown, attempt: number): RunFailure {
  if (!(error instanceof EngineError)) {
    const title = "Something went wrong on our side";
    return { problem: { code: "internal", title }, retryAfterMs: undefined };
  }
  const problem = { code: error.code, title: titles[error.code], detail: toStorable(error.message) };
  if (!error.retryable) return { problem, retryAfterMs: undefined };
  const pauseMs = FIRST_RETRY_MS * 2 ** (attempt - 1);
  return {
    problem,
    retryAfterMs: Math.min(MAX_RETRY_MS, Math.max(pauseMs, error.options.retryAfterMs ?? 0)),
  };
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
