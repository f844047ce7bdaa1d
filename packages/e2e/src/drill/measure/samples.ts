/** What people do: three ways of reading, and submitting. */
export type RequestKind = "session" | "list" | "admin" | "submit";

/**
 * `shed` was refused with 429 or 503 and told when to come back; `error` is everything else that isn't 2xx, or no
 * answer at all.
 */
export type Outcome = "ok" | "shed" | "error";

export interface Sample {
  readonly kind: RequestKind;
  /** When it arrived, or should have; milliseconds since 1970. */
  readonly dueAt: number;
  /** From then to its answer, a second try included. */
  readonly latencyMs: number;
  readonly outcome: Outcome;
  /** The gateway hung up or wasn't there, and another one was asked. */
  readonly retried: boolean;
  /** What was wrong with an `error`, or why it was shed. */
  readonly reason?: string;
}

/** From inclusive, to exclusive; milliseconds since 1970. */
export interface Span {
  readonly from: number;
  readonly to: number;
}

/** Every request with when it was due. */
export class SampleLog {
  private samples: Sample[] = [];

  add(sample: Sample): void {
    this.samples.push(sample);
  }

  /** Those that were due then. */
  within({ from, to }: Span): Sample[] {
    return this.samples.filter(({ dueAt }) => dueAt >= from && dueAt < to);
  }

  /** Keeps what was due from then on: a long run must not hold all. */
  forgetBefore(at: number): void {
    this.samples = this.samples.filter(({ dueAt }) => dueAt >= at);
  }
}
