import { problemSchema, type Problem } from "@vibe-friend/contracts/problem";
import type { CookieJar } from "./cookie-jar";
import { parseAnswer } from "./loose-answer";
import { NetworkError } from "./network-error";
import { pause } from "./pause";
import { ProblemError } from "./problem-error";
import { parseRetryAfter, pauseBeforeRetry } from "./retry-policy";

export interface TransportOptions {
  /** Origin of the gateway, without a slash at the end. */
  readonly baseUrl: string;
  readonly token: string | undefined;
  readonly fetch: typeof fetch;
  readonly cookieJar: CookieJar | undefined;
  /** How long one try may take, in ms. */
  readonly timeoutMs: number;
}

export interface HttpRequest {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  /** Below `/api/v1`. */
  readonly path: string;
  readonly body?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  readonly signal?: AbortSignal | undefined;
  /** The server makes sure that sending it twice is the same as once. GETs always are. */
  readonly repeatable?: boolean;
}

export interface HttpTransport {
  /** @throws {ProblemError} @throws {NetworkError} */
  send(request: HttpRequest): Promise<Response>;
  setCsrfToken(token: string | undefined): void;
}

/**
 * Sends requests with session cookie or bearer token. An unsafe request carries the session's CSRF token,
 * asked for when it isn't known and asked for once more when the server refuses it (another tab signed in).
 */
export function createHttpTransport(options: TransportOptions): HttpTransport {
  let csrfToken: string | undefined;

  async function sendOnce(request: HttpRequest): Promise<Response> {
    const url = `${options.baseUrl}/api/v1${request.path}`;
    const timeout = AbortSignal.timeout(options.timeoutMs);
    const signal = request.signal ? AbortSignal.any([request.signal, timeout]) : timeout;
    let response: Response;
    try {
      response = await options.fetch(url, {
        method: request.method,
        headers: headersOf(request),
        credentials: "same-origin",
        signal,
        ...(request.body === undefined ? {} : { body: JSON.stringify(request.body) }),
      });
    } catch (cause) {
      request.signal?.throwIfAborted();
      throw new NetworkError(`${request.method} ${request.path} got no answer`, { cause });
    }
    options.cookieJar?.keep(response.headers.getSetCookie());
    if (!response.ok) throw await readProblem(response);
    return response;
  }

  function headersOf(request: HttpRequest): Record<string, string> {
    const cookie = options.cookieJar?.header();
    return {
      accept: "application/json, application/problem+json, */*;q=0.5",
      ...(request.body === undefined ? {} : { "content-type": "application/json" }),
      ...(options.token === undefined ? {} : { authorization: `Bearer ${options.token}` }),
      ...(cookie === undefined ? {} : { cookie }),
      ...(request.method === "GET" || csrfToken === undefined ? {} : { "x-csrf-token": csrfToken }),
      ...request.headers,
    };
  }

  async function sendWithRetries(request: HttpRequest): Promise<Response> {
    const repeatable = request.method === "GET" || request.repeatable === true;
    for (let tries = 1; ; tries++) {
      try {
        return await sendOnce(request);
      } catch (error) {
        const pauseMs = repeatable ? pauseBeforeRetry(error, tries) : undefined;
        if (pauseMs === undefined) throw error;
        await pause(pauseMs, request.signal);
      }
    }
  }

  async function loadCsrfToken(): Promise<void> {
    const response = await sendWithRetries({ method: "GET", path: "/auth/session" });
    const { csrfToken: given } = (await readJson(response)) as { csrfToken?: unknown };
    csrfToken = typeof given === "string" ? given : undefined;
  }

  return {
    async send(request) {
      const needsCsrf = request.method !== "GET" && options.token === undefined && !isPublic(request.path);
      if (needsCsrf && csrfToken === undefined) await loadCsrfToken();
      try {
        return await sendWithRetries(request);
      } catch (error) {
        if (!needsCsrf || !(error instanceof ProblemError) || error.code !== "csrf_failed") throw error;
        await loadCsrfToken();
        return sendWithRetries(request);
      }
    },
    setCsrfToken(token) {
      csrfToken = token;
    },
  };
}

/** Signing in needs no session, so there is no token to prove. */
function isPublic(path: string): boolean {
  return path === "/auth/register" || path === "/auth/login" || path === "/auth/link";
}

/** @throws {NetworkError} the body broke off or isn't JSON */
export async function readJson(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new NetworkError("The answer broke off or isn't JSON", { cause });
  }
}

async function readProblem(response: Response): Promise<ProblemError> {
  const retryAfterMs = parseRetryAfter(response.headers.get("retry-after"));
  try {
    return new ProblemError(parseAnswer(problemSchema, await response.json()), retryAfterMs);
  } catch {
    // Something between us and the gateway answered, a proxy for example.
    return new ProblemError(unnamedProblem(response), retryAfterMs);
  }
}

function unnamedProblem({ status, statusText }: Response): Problem {
  const title = statusText === "" ? `HTTP ${status}` : statusText;
  return { type: "about:blank", title, status, code: status >= 500 ? "unavailable" : "invalid_request" };
}
