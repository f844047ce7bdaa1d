import { problems, type Problem, type ProblemCode } from "@vibe-friend/contracts/problem";

/** What a browser is refused with. */
export class Refused extends Error {
  override readonly name = "Refused";

  constructor(
    readonly code: ProblemCode,
    readonly detail?: string,
    options?: { cause?: unknown },
  ) {
    super(detail ?? problems[code].title, options);
  }

  get retryable(): boolean {
    return this.code === "unavailable" || this.code === "rate_limited";
  }
}

/** The problem document of an error; what nobody expected says nothing of the inside. */
export function describeProblem(error: unknown): Problem {
  const code = error instanceof Refused ? error.code : "internal";
  const detail = error instanceof Refused ? error.detail : undefined;
  const { status, title } = problems[code];
  return { type: "about:blank", title, status, code, ...(detail === undefined ? {} : { detail }) };
}
