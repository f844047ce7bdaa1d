import { createLogger as createWinston, format, transports } from "winston";
import type { LogConfig } from "./config-sections";

/** Extra facts of a line; what looks like a secret by its name is not written. */
export type LogFields = Record<string, unknown>;

type WriteLine = (message: string, fields?: LogFields) => void;

export interface Logger {
  readonly debug: WriteLine;
  readonly info: WriteLine;
  readonly warn: WriteLine;
  readonly error: WriteLine;
}

type Level = keyof Logger;

const secretName = /password|secret|cookie|authorization|api.?key|^token$|.Token$/i;
const colours: Record<string, string> = { error: "\u001b[31m", warn: "\u001b[33m", info: "\u001b[36m" };

/** Lines on stdout: JSON for machines, or readable ones (the default on a terminal). */
export function createLogger(service: string, config: LogConfig, isTerminal = process.stdout.isTTY): Logger {
  const isPretty = (config.format ?? (isTerminal ? "pretty" : "json")) === "pretty";
  const winston = createWinston({
    level: config.level,
    format: format.printf((line) => {
      const parts = { level: line.level, message: String(line.message), fields: line["fields"] as LogFields };
      return isPretty ? prettyLine(service, parts) : jsonLine(service, parts);
    }),
    // winston's types hide that its console transport is a TransportStream.
    // eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
    transports: new transports.Console(),
  });
  const write = (level: Level) => (message: string, fields?: LogFields) => {
    winston.log({ level, message, fields: cleanFields(fields ?? {}, 0) });
  };
  return { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") };
}

interface LineParts {
  readonly level: string;
  readonly message: string;
  readonly fields: LogFields;
}

function jsonLine(service: string, { level, message, fields }: LineParts): string {
  return JSON.stringify({ ...fields, time: new Date().toISOString(), level, service, message });
}

function prettyLine(service: string, { level, message, fields }: LineParts): string {
  const time = new Date().toISOString().slice(11, 23);
  const facts = Object.entries(fields).map(([name, value]) => ` ${name}=${prettyValue(value)}`);
  return `${time} ${colours[level] ?? ""}${level.padEnd(5)}\u001b[0m ${service}: ${message}${facts.join("")}`;
}

function prettyValue(value: unknown): string {
  return typeof value === "string" && /^[\w./:@-]+$/.test(value) ? value : JSON.stringify(value);
}

function cleanFields(fields: object, depth: number): LogFields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [
      name,
      secretName.test(name) ? "[hidden]" : cleanValue(value, depth),
    ]),
  );
}

function cleanValue(value: unknown, depth: number): unknown {
  if (typeof value === "bigint") return value.toString();
  if (value instanceof Date) return value.toISOString();
  if (value instanceof Error) return describeErrorFields(value, depth);
  if (typeof value !== "object" || value === null) return value;
  if (depth >= 4) return "[deep]";
  return Array.isArray(value)
    ? value.slice(0, 50).map((item: unknown) => cleanValue(item, depth + 1))
    : cleanFields(value, depth + 1);
}

/** Name, code, text, stack and cause; not the other properties, drivers keep parameters there. */
function describeErrorFields(error: Error, depth: number): LogFields {
  return {
    name: error.name,
    message: error.message,
    ...("code" in error ? { code: error.code } : {}),
    stack: error.stack,
    ...(error.cause !== undefined && depth < 3 ? { cause: cleanValue(error.cause, depth + 1) } : {}),
  };
}
