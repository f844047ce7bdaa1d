import { NetworkError } from "./network-error";
import { ProblemError } from "./problem-error";

/** The longest pause that the client takes by itself, in ms; what asks for more is told to the caller. */
const LONGEST_PAUSE_MS = 5_000;
const MAX_TRIES = 5;

/**
 * How long to wait before trying a repeatable request again, in ms, or undefined when it is over.
 *
 * @param tries how often it was sent, from 1
 */
export function pauseBeforeRetry(error: unknown, tries: number): number | undefined {
  if (tries >= MAX_TRIES) return undefined;
  if (error instanceof NetworkError) return backOff(tries);
  if (!(error instanceof ProblemError) || !isPassing(error)) return undefined;
  const pauseMs = Math.max(error.retryAfterMs ?? 0, backOff(tries));
  return pauseMs > LONGEST_PAUSE_MS ? undefined : pauseMs;
}

function isPassing({ status, code }: ProblemError): boolean {
  if (status === 429) return code !== "quota_exceeded";
  return status === 502 || status === 503 || status === 504;
}

/** 200 ms, doubled at each try, half of it random, so that many clients don't come back at once. */
function backOff(tries: number): number {
  const ceilingMs = Math.min(200 * 2 ** (tries - 1), LONGEST_PAUSE_MS);
  return ceilingMs / 2 + (Math.random() * ceilingMs) / 2;
}

/** `Retry-After` in seconds or as a date, in ms. */
export function parseRetryAfter(value: string | null, now = Date.now()): number | undefined {
  if (value === null || value.trim() === "") return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(value);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
