import { ProblemError } from "@vibe-friend/service-kit/problem-error";

/** Something this needs is out of reach; never a statement about the person or the thing asked for. */
export function unavailable(detail: string, cause?: unknown): ProblemError {
  return new ProblemError("unavailable", { detail, cause });
}

export function notFound(): ProblemError {
  return new ProblemError("not_found");
}

export function unauthenticated(): ProblemError {
  return new ProblemError("unauthenticated", {
    headers: { "WWW-Authenticate": 'Bearer realm="vibe-friend"' },
  });
}
