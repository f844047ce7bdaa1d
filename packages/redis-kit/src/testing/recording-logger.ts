import type { KitLogger, LogFields } from "../logger";

/** One recorded line. */
export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly message: string;
  readonly fields: LogFields;
}

/** A logger that keeps what it is told. */
export interface RecordingLogger extends KitLogger {
  readonly lines: readonly LogLine[];
  /** The messages of these levels, in order. */
  messages(...levels: readonly LogLine["level"][]): string[];
}

export function createRecordingLogger(): RecordingLogger {
  const lines: LogLine[] = [];
  const record =
    (level: LogLine["level"]) =>
    (message: string, fields: LogFields = {}) => {
      lines.push({ level, message, fields });
    };
  return {
    lines,
    messages: (...levels) => lines.filter((line) => levels.includes(line.level)).map((line) => line.message),
    debug: record("debug"),
    info: record("info"),
    warn: record("warn"),
    error: record("error"),
  };
}
