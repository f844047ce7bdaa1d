import { problems, type InputError, type ProblemCode } from "@vibe-friend/contracts/problem";

export interface ProblemDetails {
  /** One sentence for the person who asked; no internals. */
  readonly detail?: string | undefined;
  readonly errors?: readonly InputError[] | undefined;
  readonly retryAfterSeconds?: number | undefined;
  /** sent with the answer, as `Allow` */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly cause?: unknown;
}

/** An error that is ours to answer. Its status and title stand in contracts' table. */
export class ProblemError extends Error {
  override readonly name = "ProblemError";

  constructor(
    readonly code: ProblemCode,
    readonly details: ProblemDetails = {},
  ) {
    super(details.detail ?? problems[code].title, { cause: details.cause });
  }

  /** true if the same request may work later */
  get retryable(): boolean {
    return this.code === "unavailable" || this.code === "rate_limited";
  }
}

/** The error's code when the table knows it, whichever class the error is of. */
export function findProblemCode(error: unknown): ProblemCode | undefined {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return undefined;
  return Object.hasOwn(problems, error.code) ? (error.code as ProblemCode) : undefined;
}
