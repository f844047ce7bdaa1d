import type { ErrorRequestHandler, Request, RequestHandler, Response } from "express";
import { problems, type Problem, type ProblemCode } from "@vibe-friend/contracts/problem";
import type { Logger } from "./logger";
import { findProblemCode, ProblemError, type ProblemDetails } from "./problem-error";

/** Seconds a client waits before it asks again, where the error names none. */
const RETRY_AFTER_SECONDS = 2;

/** The document for a code (RFC 9457). */
export function createProblem(code: ProblemCode, request: Request, details: ProblemDetails = {}): Problem {
  const { status, title } = problems[code];
  return {
    type: "about:blank",
    title,
    status,
    ...(details.detail === undefined ? {} : { detail: details.detail }),
    instance: request.originalUrl.split("?")[0] ?? "/",
    code,
    requestId: request.id,
    ...(details.errors === undefined ? {} : { errors: [...details.errors] }),
  };
}

/** Answers with `application/problem+json`; 429 and 503 always carry `Retry-After`. */
export function sendProblem(response: Response, code: ProblemCode, details: ProblemDetails = {}): void {
  const problem = createProblem(code, response.req, details);
  if (problem.status === 503 || problem.status === 429) {
    response.setHeader("Retry-After", String(details.retryAfterSeconds ?? RETRY_AFTER_SECONDS));
  }
  for (const [name, value] of Object.entries(details.headers ?? {})) response.setHeader(name, value);
  response.setHeader("Cache-Control", "no-store");
  response.status(problem.status).type("application/problem+json").send(JSON.stringify(problem));
}

/** The last handler: nothing matched. */
export const answerNotFound: RequestHandler = (_request, response) => {
  sendProblem(response, "not_found");
};

/** Turns whatever was thrown into a problem document. What nobody expected is logged and said in general words. */
export function createErrorHandler(logger: Logger): ErrorRequestHandler {
  // Express tells error handlers by their four parameters.
  // eslint-disable-next-line max-params, @typescript-eslint/no-unused-vars
  return (error: unknown, request, response, _next) => {
    const { code, details } = explainError(error);
    const { status } = problems[code];
    if (status >= 500) {
      const write = status === 503 ? logger.warn : logger.error;
      write("request failed", {
        requestId: request.id,
        method: request.method,
        path: request.path,
        code,
        error,
      });
    }
    if (response.headersSent) {
      response.destroy();
      return;
    }
    sendProblem(response, code, details);
  };
}

interface Explanation {
  readonly code: ProblemCode;
  readonly details: ProblemDetails;
}

/** Faults of the framework's own, by body-parser's `type`. */
const bodyFaults: Readonly<Record<string, ProblemCode>> = {
  "entity.parse.failed": "malformed_json",
  "entity.too.large": "payload_too_large",
  "encoding.unsupported": "unsupported_media_type",
  "charset.unsupported": "unsupported_media_type",
  "request.size.invalid": "malformed_json",
  "request.aborted": "malformed_json",
};

function explainError(error: unknown): Explanation {
  if (error instanceof ProblemError) return { code: error.code, details: error.details };
  const code = findProblemCode(error);
  if (code !== undefined) return { code, details: readDetails(error, code) };
  const fault = error as { type?: unknown; status?: unknown; expose?: unknown } | null | undefined;
  const bodyFault = typeof fault?.type === "string" ? bodyFaults[fault.type] : undefined;
  if (bodyFault !== undefined) return { code: bodyFault, details: {} };
  if (error instanceof URIError) {
    return { code: "invalid_request", details: { detail: "The address is not well encoded" } };
  }
  if (isRefusal(fault)) return { code: "invalid_request", details: {} };
  return { code: "internal", details: {} };
}

/** The framework puts a status of its own on what it can't read: a body that isn't packed as it says, for example. */
function isRefusal(fault: { status?: unknown; expose?: unknown } | null | undefined): boolean {
  return fault?.expose === true && typeof fault.status === "number" && fault.status < 500;
}

/** A domain error's text is meant for the person; what comes with a 5xx is not. */
function readDetails(error: unknown, code: ProblemCode): ProblemDetails {
  if (!(error instanceof Error) || problems[code].status >= 500) return {};
  const retryAfterSeconds = (error as { retryAfterSeconds?: unknown }).retryAfterSeconds;
  return {
    detail: error.message,
    ...(typeof retryAfterSeconds === "number" ? { retryAfterSeconds } : {}),
  };
}
