/** Extra facts of a log line; never secrets, session tokens or message bodies. */
export type LogFields = Record<string, unknown>;

/** Where redis-kit logs to. Winston, pino and console fit without an adapter. */
export interface KitLogger {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

function ignore(): void {
  // Nothing is logged.
}

/** A logger that drops everything. */
export const noLogger: KitLogger = { debug: ignore, info: ignore, warn: ignore, error: ignore };
