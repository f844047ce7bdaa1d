import type { RedisFault } from "../errors";
import type { KitLogger } from "../logger";

/** An operation slower than this is worth a warning; milliseconds. */
const slowMs = 50;

/** One finished operation on Redis. */
export interface LoggedOperation {
  readonly operation: string;
  readonly key: string;
  readonly durationMs: number;
  readonly fault?: RedisFault;
}

/**
 * One line per operation: slow ones at warn, the rest at debug. Failed ones are errors, but what fails
 * because the role is known to be degraded goes to debug: the change of mode was logged, once.
 */
export function logOperation(logger: KitLogger, done: LoggedOperation, known: boolean): void {
  const { operation, key, fault } = done;
  const durationMs = Math.round(done.durationMs * 10) / 10;
  if (fault === undefined) {
    const fields = { operation, key, durationMs, outcome: "ok" };
    if (durationMs >= slowMs) logger.warn("redis operation was slow", fields);
    else logger.debug("redis operation", fields);
    return;
  }
  const fields = { operation, key, durationMs, outcome: fault.code, error: fault.message };
  if (known) logger.debug("redis operation failed", fields);
  else logger.error("redis operation failed", fields);
}
