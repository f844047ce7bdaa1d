const unitMs = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/** How a duration is written, for messages. */
export const durationForm = "a duration such as 250ms, 3s, 5m, 24h or 30d";

/**
 * Reads "250ms", "3s", "5m", "24h" or "30d".
 *
 * @returns milliseconds
 * @throws {RangeError} on anything else, and on more than 10 years
 */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)$/.exec(text.trim());
  const [, amount, unit] = match ?? [];
  if (amount === undefined || unit === undefined) throw new RangeError(`not ${durationForm}`);
  const durationMs = Math.round(Number(amount) * unitMs[unit as keyof typeof unitMs]);
  if (durationMs > 3650 * unitMs.d) throw new RangeError("longer than 10 years");
  return durationMs;
}
