import type { Problem } from "@vibe-friend/contracts/problem";

/** The server understood the request and said no, or that it can't now. */
export class ProblemError extends Error {
  readonly problem: Problem;
  /** What the server asked us to wait before the next try, in ms. */
  readonly retryAfterMs: number | undefined;

  constructor(problem: Problem, retryAfterMs?: number) {
    super(problem.detail ?? problem.title);
    this.name = "ProblemError";
    this.problem = problem;
    this.retryAfterMs = retryAfterMs;
  }

  get status(): number {
    return this.problem.status;
  }

  get code(): string {
    return this.problem.code;
  }
}
