import { types } from "node:util";

/** Why Redis did not do what it was asked. */
export type RedisFaultCode =
  /** no connection, connection lost, server loading, cluster without the slot */
  | "unreachable"
  /** no answer within the deadline; the command may still run later */
  | "timeout"
  /** not asked at all, because the last answers failed */
  | "breaker-open"
  /** a replica, or a server that refuses writes after a failed save */
  | "read-only"
  /** maxmemory reached under noeviction; reads still work */
  | "out-of-memory"
  /** wrong or missing password, or a command this user may not run */
  | "auth"
  /** the server would evict what must not be lost */
  | "policy"
  /** the DB index does not exist there; the client would silently use DB 0 */
  | "wrong-database"
  /** REDIS_URL=none */
  | "disabled"
  /** any other error reply, or a failing source behind Redis (see `cause`) */
  | "failed";

const retryableCodes: ReadonlySet<RedisFaultCode> = new Set<RedisFaultCode>([
  "unreachable",
  "timeout",
  "breaker-open",
  "read-only",
  "out-of-memory",
]);

/** Redis failed us. Never means "not found", and after `timeout` never means "did not happen". */
export class RedisFault extends Error {
  override readonly name = "RedisFault";
  readonly code: RedisFaultCode;
  /** true if the same call may work later without anybody changing a setting */
  readonly retryable: boolean;

  constructor(code: RedisFaultCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
    this.retryable = retryableCodes.has(code);
  }
}

/** The server answers, but is set up so that using it would lose data. Thrown at start only. */
export class RoleMisconfigured extends Error {
  override readonly name = "RoleMisconfigured";
  readonly code: "policy" | "wrong-database";

  constructor(code: "policy" | "wrong-database", message: string) {
    super(message);
    this.code = code;
  }
}

const replyCodes: readonly (readonly [RegExp, RedisFaultCode])[] = [
  [/^(READONLY|MISCONF|NOREPLICAS)\b/, "read-only"],
  [/^OOM\b/, "out-of-memory"],
  [/^(NOAUTH|WRONGPASS|NOPERM)\b|invalid username-password|invalid password|without any password/i, "auth"],
  [/DB index is out of range|SELECT is not allowed/i, "wrong-database"],
  [/^(LOADING|MASTERDOWN|CLUSTERDOWN|TRYAGAIN|UNBLOCKED)\b/, "unreachable"],
  [/Command timed out|ETIMEDOUT|Socket timeout/i, "timeout"],
  [
    /enableOfflineQueue|Connection is closed|connection close|max retries per request|ECONNREFUSED|ECONNRESET|EPIPE|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|ENOENT|Ready check failed|sentinels are unreachable|slots cache|No available|started nodes|Connection (lost|ended)/i,
    "unreachable",
  ],
];

/** Names what an error of the Redis client means. A RedisFault comes back as it is. */
export function toRedisFault(error: unknown): RedisFault {
  if (error instanceof RedisFault) return error;
  const text = describeError(error).replace(/^Ready check failed: /, "");
  const code = replyCodes.find(([pattern]) => pattern.test(text))?.[1] ?? "failed";
  return new RedisFault(code, text, { cause: withoutArguments(error) });
}

/** What a server says of a command it doesn't know goes on with the key and the value. */
const argumentsOfUnknown = /, with args beginning with:.*/s;

/** The client hangs the command onto its errors, arguments and all: passwords of AUTH, values of SET. */
function withoutArguments(error: unknown): unknown {
  if (!types.isNativeError(error)) return error;
  const hasArguments =
    "command" in error || "lastNodeError" in error || argumentsOfUnknown.test(error.message);
  if (!hasArguments) return error;
  const clean = new Error(describeError(error));
  clean.name = error.name;
  if (error.stack !== undefined) clean.stack = error.stack.replace(error.message, () => clean.message);
  return clean;
}

/** One line about an error, also for the AggregateError without text that Node's sockets reject with. */
export function describeError(error: unknown): string {
  // Not instanceof: errors of sockets may come from another realm.
  if (!types.isNativeError(error)) return String(error);
  if (error.message !== "") return error.message.replace(argumentsOfUnknown, "");
  const inner = "errors" in error && Array.isArray(error.errors) ? error.errors : [];
  return inner.length === 0 ? error.name : inner.map(describeError).join("; ");
}
