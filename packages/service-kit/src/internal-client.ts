import { problems, problemSchema, type ProblemCode } from "@vibe-friend/contracts/problem";
import type { CallBody, CallResult, InternalCalls } from "./internal-calls";
import { INTERNAL_TOKEN_REFUSED, signInternalToken } from "./internal-token";
import type { Logger } from "./logger";
import { ProblemError } from "./problem-error";

export interface InternalClientOptions<C extends InternalCalls> {
  readonly calls: C;
  /** where the service listens; of several addresses one that takes no connection is passed over */
  readonly url: string | readonly string[];
  /** the service that is called */
  readonly audience: string;
  /** the service that calls */
  readonly issuer: string;
  readonly secret: string;
  readonly timeoutMs: number;
  readonly logger: Logger;
  /** Asked before every call; for what goes with a request without being passed along. */
  readonly headers?: () => Readonly<Record<string, string>>;
}

export interface CallOptions {
  readonly timeoutMs?: number;
  readonly requestId?: string | undefined;
}

/** Questions to another service that need their answer now. */
export interface InternalClient<C extends InternalCalls> {
  /**
   * @throws {ProblemError} what the other side answered; `unavailable` when it is out of reach, too slow or
   *   answers nonsense. A call that timed out may still have been carried out.
   */
  call<N extends keyof C & string>(
    name: N,
    body: CallBody<C, N>,
    options?: CallOptions,
  ): Promise<CallResult<C, N>>;
}

export function createInternalClient<C extends InternalCalls>(
  options: InternalClientOptions<C>,
): InternalClient<C> {
  const { calls, audience, issuer, secret, logger } = options;
  const addresses = typeof options.url === "string" ? [options.url] : options.url;
  let clockOffsetMs = 0;
  let preferred = 0;

  /** A call that reached nobody may be sent to the next address, whatever it does. */
  async function send(name: string, body: unknown, callOptions: CallOptions): Promise<Response> {
    for (let left = addresses.length - 1; ; left -= 1) {
      const at = preferred;
      try {
        return await sendTo(`${addresses[at] ?? ""}/internal/${name}`, body, callOptions);
      } catch (error) {
        if (left <= 0 || !reachedNobody(error)) throw error;
        if (preferred === at) preferred = (at + 1) % addresses.length;
      }
    }
  }

  async function sendTo(
    url: string,
    body: unknown,
    { timeoutMs, requestId }: CallOptions,
  ): Promise<Response> {
    const token = signInternalToken({ issuer, audience, secret, clockOffsetMs });
    return await fetch(url, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${token}`,
        ...options.headers?.(),
        ...(requestId === undefined ? {} : { "x-request-id": requestId }),
      },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(timeoutMs ?? options.timeoutMs),
    });
  }

  /** The two machines' clocks may differ by more than a token lives: then the other side's clock is used. */
  function learnClock(response: Response): boolean {
    const theirs = Date.parse(response.headers.get("date") ?? "");
    const learnt = theirs - Date.now();
    if (Number.isNaN(learnt) || Math.abs(learnt - clockOffsetMs) < 5000) return false;
    logger.warn("clocks differ", { from: audience, differenceMs: learnt });
    clockOffsetMs = learnt;
    return true;
  }

  return {
    async call(name, body, callOptions = {}) {
      const call = calls[name];
      if (call === undefined) throw new TypeError(`no call ${name}`);
      try {
        let response = await send(name, body, callOptions);
        if (response.status === 401 && learnClock(response)) response = await send(name, body, callOptions);
        const answer: unknown = await response.json();
        if (!response.ok) throw readProblem(answer, audience, response.headers.get("retry-after"));
        return call.result.parse(answer) as CallResult<C, typeof name>;
      } catch (error) {
        if (error instanceof ProblemError) throw error;
        throw new ProblemError("unavailable", {
          detail: `The ${audience} service can't be reached`,
          cause: error,
        });
      }
    },
  };
}

/** The connection was refused: nothing was sent. */
function reachedNobody(error: unknown): boolean {
  const { cause } = error as { cause?: { code?: unknown; errors?: readonly { code?: unknown }[] } };
  const causes = cause?.errors ?? [cause];
  return causes.every((each) => each?.code === "ECONNREFUSED");
}

function readProblem(answer: unknown, audience: string, retryAfter: string | null): ProblemError {
  const problem = problemSchema.safeParse(answer).data;
  if (
    problem === undefined ||
    problem.code === INTERNAL_TOKEN_REFUSED ||
    !Object.hasOwn(problems, problem.code)
  ) {
    const cause = new Error(`unexpected answer: ${JSON.stringify(answer).slice(0, 300)}`);
    return new ProblemError("unavailable", {
      detail: `The ${audience} service didn't answer rightly`,
      cause,
    });
  }
  const { detail, errors } = problem;
  const isInSeconds = retryAfter !== null && /^\d{1,9}$/.test(retryAfter);
  const retryAfterSeconds = isInSeconds ? Number(retryAfter) : undefined;
  return new ProblemError(problem.code as ProblemCode, { detail, errors, retryAfterSeconds });
}
