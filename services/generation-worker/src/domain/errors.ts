import type { StopReason } from "./ports";

/** Postgres can't be asked right now. The write may have happened all the same. */
export class StoreUnavailable extends Error {
  override readonly name = "StoreUnavailable";
  readonly code = "store_unavailable";
  readonly retryable = true;

  constructor(options?: { cause?: unknown }) {
    super("Postgres can't be reached", options);
  }
}

/** A run that was stopped from outside; nothing of its own went wrong. */
export class RunStopped extends Error {
  override readonly name = "RunStopped";
  readonly code = "run_stopped";
  readonly retryable = false;

  constructor(
    readonly reason: StopReason,
    options?: { cause?: unknown },
  ) {
    super(`The run was stopped: ${reason}`, options);
  }
}
