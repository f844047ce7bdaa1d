import { APIConnectionError, APIConnectionTimeoutError, APIError } from "openai";
import { EngineError, type EngineErrorCode } from "../../domain/generation-engine";
import { parseRetryAfter } from "./retry-after";

/**
 * Puts a failed call into words for the person who wrote the prompt. Nothing that came from the endpoint is
 * repeated but its error code: texts of endpoints quote keys and addresses.
 *
 * @param secret the key, in case an endpoint hides it even there
 */
export function toEngineError(error: unknown, model: string, secret: string | undefined): EngineError {
  if (error instanceof EngineError) return error;
  if (error instanceof APIConnectionTimeoutError) return timedOut("didn't answer in time");
  if (error instanceof APIConnectionError) return unreachable(error);
  if (error instanceof APIError) return fromAnswer(error as APIError, { model, secret });
  if (error instanceof SyntaxError) return notTheApi();
  return unreachable(error);
}

/** Whether a call failed because its connection broke, and not because of anything the endpoint said. */
export function isBrokenConnection(error: unknown): boolean {
  return !(error instanceof APIError || error instanceof SyntaxError || error instanceof EngineError);
}

/** The endpoint answered with something else than the streaming API. */
export function notTheApi(): EngineError {
  const message = "The model endpoint sent something that isn't the OpenAI streaming API.";
  return new EngineError("model_unavailable", message, { retryable: true });
}

export function timedOut(what: string): EngineError {
  return new EngineError("model_timeout", `The model ${what}.`, { retryable: true });
}

export function refused(): EngineError {
  return new EngineError("model_refused", "The model refused this prompt.", { retryable: false });
}

interface Known {
  readonly model: string;
  readonly secret: string | undefined;
}

function fromAnswer(error: APIError, known: Known): EngineError {
  const code = errorCode(error, known.secret);
  // OpenRouter and others report a failure inside of the stream, its status as a number in `code`.
  const status = typeof error.status === "number" ? error.status : Number(code);
  const retryAfterMs = parseRetryAfter(error.headers);
  const cause = new Error(`HTTP ${Number.isNaN(status) ? "200" : status}${code === "" ? "" : ` ${code}`}`);
  const fail = (engineCode: EngineErrorCode, message: string, retryable: boolean): EngineError =>
    new EngineError(engineCode, message, {
      retryable,
      cause,
      ...(retryable && retryAfterMs !== undefined ? { retryAfterMs } : {}),
    });

  if (/content_?filter|content_policy/i.test(code)) return fail("model_refused", refused().message, false);
  if (/context_length|string_above_max/i.test(code) || status === 413) {
    return fail("model_refused", "The request is longer than the model can take.", false);
  }
  if (/insufficient_quota|billing/i.test(code)) {
    return fail("model_unavailable", "The quota at the model endpoint is used up.", false);
  }
  if (status === 401 || status === 403) {
    return fail("model_unavailable", `The model endpoint refused the configured key (${status}).`, false);
  }
  if (status === 404) {
    const name = JSON.stringify(known.model.slice(0, 100));
    return fail("model_unavailable", `The model endpoint doesn't know the model ${name} (404).`, false);
  }
  if (status === 408) return fail("model_timeout", "The model endpoint timed out (408).", true);
  if (status === 429 || /rate_limit/i.test(code)) {
    return fail("model_rate_limited", "The model endpoint takes no more requests for now (429).", true);
  }
  if (status >= 300 && status < 400) {
    return fail("model_unavailable", `The model endpoint redirects elsewhere (${status}).`, false);
  }
  if (status >= 400 && status < 500 && status !== 409 && status !== 425) {
    const detail = code === "" ? "" : `, ${code}`;
    return fail("model_unavailable", `The model endpoint refused the request (${status}${detail}).`, false);
  }
  const shown = Number.isNaN(status) ? "" : ` (${status})`;
  return fail("model_unavailable", `The model endpoint failed${shown}.`, true);
}

/** The endpoint's own short name of the error, or "". */
function errorCode(error: APIError, secret: string | undefined): string {
  for (const value of [error.code, error.type] as unknown[]) {
    if (typeof value === "number") return String(value);
    if (typeof value !== "string" || !/^[a-z0-9_.-]{1,64}$/i.test(value)) continue;
    if (secret !== undefined && secret !== "" && value.includes(secret)) continue;
    return value;
  }
  return "";
}

function unreachable(error: unknown): EngineError {
  const code = systemCode(error);
  if (code === "UND_ERR_HEADERS_TIMEOUT" || code === "UND_ERR_BODY_TIMEOUT") {
    return timedOut("didn't answer in time");
  }
  const shown = code === undefined ? "" : ` (${code})`;
  const message = `The model endpoint can't be reached or broke the connection${shown}.`;
  return new EngineError("model_unavailable", message, { retryable: true });
}

/** The first `code` such as ECONNREFUSED along the causes. */
function systemCode(error: unknown): string | undefined {
  let current = error;
  for (let depth = 0; depth < 5 && typeof current === "object" && current !== null; depth += 1) {
    const { code, cause } = current as { code?: unknown; cause?: unknown };
    if (typeof code === "string" && /^[A-Z0-9_]{1,40}$/.test(code)) return code;
    current = cause;
  }
  return undefined;
}
