import { z } from "zod";
import { durationForm, parseDuration } from "./duration";

/**
 * Readers of one variable. The `error` of each says what is allowed and reads well after "must be";
 * give defaults with `.default(value)` in the reader's own unit.
 */
function reader<T>(allowed: string, read: (text: string) => T | undefined) {
  return z.string({ error: allowed }).transform((text, context): T => {
    const value = read(text.trim());
    if (value !== undefined) return value;
    context.addIssue({ code: "custom", message: allowed, input: text });
    return z.NEVER;
  });
}

/** Digits only, within the range. */
export function wholeNumber(range: { readonly min: number; readonly max: number }) {
  return reader(`a whole number from ${range.min} to ${range.max}`, (text) => {
    const value = /^\d{1,12}$/.test(text) ? Number(text) : Number.NaN;
    return value >= range.min && value <= range.max ? value : undefined;
  });
}

/** Milliseconds, more than none. What a timer waits for needs a limit: 24 days are more than it can count. */
export function durationMs({ max }: { readonly max?: string } = {}) {
  const maxMs = max === undefined ? Infinity : (parseDuration(max) ?? 0);
  const allowed = max === undefined ? durationForm : `${durationForm}, at most ${max}`;
  return reader(allowed, (text) => {
    const value = parseDuration(text);
    return value !== undefined && value > 0 && value <= maxMs ? value : undefined;
  });
}

/** One of a few words, in any case. */
export function oneOf<const T extends string>(words: readonly T[]) {
  const list =
    words.length === 1 ? words.join() : `${words.slice(0, -1).join(", ")} or ${words.at(-1) ?? ""}`;
  return reader(list, (text) => words.find((word) => word === text.toLowerCase()));
}

/** `true` or `false`. */
export function flag() {
  return reader("true or false", (text) => {
    if (/^(true|1|yes|on)$/i.test(text)) return true;
    return /^(false|0|no|off)$/i.test(text) ? false : undefined;
  });
}

/** Any text of at least `minLength` characters. */
export function text(options: { readonly minLength: number; readonly allowed: string }) {
  return reader(options.allowed, (given) => (given.length >= options.minLength ? given : undefined));
}

/** An address of a service, without the slash at the end. */
export function httpUrl() {
  return reader("an http:// or https:// address", parseHttpUrl);
}

/** Addresses with commas between them; at least one. */
export function httpUrls() {
  return reader("http:// or https:// addresses, with commas between them", (given) => {
    const urls = given.split(",").map((part) => parseHttpUrl(part.trim()));
    return urls.every((url) => url !== undefined) ? urls : undefined;
  });
}

function parseHttpUrl(given: string): string | undefined {
  if (!/^https?:\/\//i.test(given) || !URL.canParse(given)) return undefined;
  return given.replace(/\/+$/, "");
}

/** Exact origins with commas between them: protocol, host and port, nothing behind them. */
export function origins() {
  return reader("origins such as https://app.example.org, with commas between them", (given) => {
    const parsed = given.split(",").map((part) => parseHttpUrl(part.trim()));
    return parsed.every((url) => url !== undefined && new URL(url).origin === url.toLowerCase())
      ? parsed.map((url) => String(url).toLowerCase())
      : undefined;
  });
}

/** Words with commas between them. */
export function words() {
  return reader("words with commas between them", (given) =>
    given
      .split(",")
      .map((word) => word.trim())
      .filter((word) => word !== ""),
  );
}
