const LONGEST_MS = 60 * 60_000;

/**
 * How long an endpoint asks to be left alone, in milliseconds, at most an hour; undefined when it doesn't
 * say. An HTTP date is read against the endpoint's own clock where the answer shows it.
 */
export function parseRetryAfter(
  headers: Headers | undefined,
  nowMs: number = Date.now(),
): number | undefined {
  const value = headers?.get("retry-after")?.trim();
  if (value === undefined || value === "") return undefined;
  if (/^\d+(\.\d+)?$/.test(value)) return clamp(Number(value) * 1_000);
  const until = Date.parse(value);
  if (Number.isNaN(until)) return undefined;
  const theirNow = Date.parse(headers?.get("date") ?? "");
  return clamp(until - (Number.isNaN(theirNow) ? nowMs : theirNow));
}

function clamp(milliseconds: number): number {
  return Math.min(LONGEST_MS, Math.max(0, Math.round(milliseconds)));
}
