import { QueryFailedError } from "typeorm";
import { DatabaseError, DatabaseUnavailable } from "./errors";

/** What an error of pg or TypeORM means to callers. */
export interface MappedFault {
  readonly error: unknown;
  /** Postgres was not there: neither a value nor a refusal came from it. */
  readonly isLost: boolean;
}

const networkCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ECONNABORTED",
  "EPIPE",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ENOENT",
]);

/** SQLSTATEs that mean "not now" (Appendix A of the Postgres manual); true where nobody answered for the data. */
const notNow: readonly (readonly [RegExp, boolean])[] = [
  [/^08/, true], // connection exceptions
  [/^57P0/, true], // shutting down, crashed, starting
  [/^28/, true], // password refused: rotated, or not rolled out yet
  [/^3D000$/, true], // no such database
  [/^57014$/, false], // statement_timeout
  [/^53/, false], // out of connections, disk or memory
  [/^55P03$/, false], // a lock could not be had
  [/^40(001|P01)$/, false], // serialisation failure, deadlock
  [/^25(006|P03)$/, false], // a standby after a fail-over; idle in transaction
];

const lostMessages =
  /connection terminated|connection error|not queryable|query read timeout|driver not connected|query ?runner.*released|client was closed/i;
const busyMessages = /timeout exceeded when trying to connect|pool after calling end/i;

/**
 * The one place where faults of the connection become DatabaseUnavailable. Errors of this package pass as
 * they are, everything else (constraint violations, mistakes in SQL) comes out as pg's own error.
 */
export function mapFault(error: unknown): MappedFault {
  if (error instanceof DatabaseError) return { error, isLost: false };
  const driverError: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const { code, message } = describe(driverError);
  if (networkCodes.has(code) || lostMessages.test(message)) return unavailable(driverError, true);
  if (busyMessages.test(message)) return unavailable(driverError, false);
  const state = notNow.find(([pattern]) => pattern.test(code));
  return state === undefined ? { error: driverError, isLost: false } : unavailable(driverError, state[1]);
}

/** Whether this is pg's error for a unique index that has this name. */
export function violates(error: unknown, index: string): boolean {
  if (typeof error !== "object" || error === null) return false;
  const { code, constraint } = error as { code?: unknown; constraint?: unknown };
  return code === "23505" && constraint === index;
}

/** Whether a row that this one points to is missing. */
export function violatesForeignKey(error: unknown): boolean {
  return typeof error === "object" && error !== null && (error as { code?: unknown }).code === "23503";
}

function unavailable(cause: unknown, isLost: boolean): MappedFault {
  const { code, message } = describe(cause);
  const reason = message === "" ? code : message;
  return { error: new DatabaseUnavailable(`Postgres is not available: ${reason}`, { cause }), isLost };
}

/** By shape: an error of another realm (a worker, a test's sandbox) is no `instanceof Error`. */
function describe(error: unknown): { code: string; message: string } {
  if (typeof error !== "object" || error === null) return { code: "", message: String(error) };
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === "string" ? code : "",
    message: typeof message === "string" ? message : "",
  };
}
