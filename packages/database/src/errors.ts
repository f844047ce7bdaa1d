import type { ProblemCode } from "@vibe-friend/contracts/problem";

/** What the store refuses or can't do. `code` is a problem code of contracts, so the border needs no table of its own. */
export abstract class DatabaseError extends Error {
  abstract readonly code: ProblemCode;
  /** The same call may work later, unchanged. */
  abstract readonly retryable: boolean;

  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = new.target.name;
  }
}

/** Postgres can't be reached, is starting or stopping, or didn't answer in time. A write may have happened. */
export class DatabaseUnavailable extends DatabaseError {
  readonly code = "unavailable";
  readonly retryable = true;
}

/** Nothing of this id (and path) that belongs to this owner. */
export class NotFound extends DatabaseError {
  readonly code = "not_found";
  readonly retryable = false;
}

/** The row is not in a state that allows this. */
export class WrongState extends DatabaseError {
  readonly code = "wrong_state";
  readonly retryable = false;
}

/** The owner is at a limit; nothing was stored. */
export class QuotaExceeded extends DatabaseError {
  readonly code = "quota_exceeded";
  readonly retryable = true;

  constructor(
    /** `open`: queued and running together; `daily`: submitted since midnight UTC */
    readonly limitName: "open" | "daily",
    readonly limit: number,
  ) {
    super(
      limitName === "open"
        ? `At most ${limit} generations may be open at once.`
        : `At most ${limit} generations may be submitted in a day (UTC).`,
    );
  }
}

/** This Idempotency-Key was used for another request. */
export class IdempotencyConflict extends DatabaseError {
  readonly code = "idempotency_conflict";
  readonly retryable = false;
}

/** The files saved for a run aren't those it says it completed. */
export class SavedFilesDiffer extends DatabaseError {
  readonly code = "internal";
  readonly retryable = false;
}

/** Another account has this e-mail address. */
export class EmailTaken extends DatabaseError {
  readonly code = "email_taken";
  readonly retryable = false;
}

/** A session for a user who was disabled, or signed out everywhere, between the check and the insert. */
export class SessionRefused extends DatabaseError {
  readonly code = "invalid_credentials";
  readonly retryable = false;
}

/** A cursor that no list gave out. */
export class InvalidCursor extends DatabaseError {
  readonly code = "invalid_request";
  readonly retryable = false;
}
