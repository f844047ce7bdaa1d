import { formatEnvelope } from "./cache-envelope";
import type { TagTokens } from "./cache-envelope";
import type { CacheEntryOptions } from "./cache-types";
import { jitterTtlMs, serialize } from "./cache-value";

/** A value with the times it is kept. */
export interface Storable {
  /** as JSON; undefined for undefined */
  readonly text: string | undefined;
  readonly freshMs: number;
  /** milliseconds Redis keeps it: as long as it may be used, also as stale */
  readonly lifeMs: number;
  /** @param stored under which epoch, when and with which tags' tokens */
  format(stored: { readonly epoch: number; readonly nowMs: number; readonly tokens: TagTokens }): string;
}

/** What says how long a value is kept. */
export interface KeepingOptions extends CacheEntryOptions {
  readonly negativeTtlMs?: number;
  readonly staleWhileRevalidateMs?: number;
  readonly graceMs?: number;
}

/**
 * @param ttlMs of this one value, where its load has set one
 * @returns undefined: it is not to be stored
 * @throws {TypeError} on what JSON can't hold
 */
export function createStorable(
  value: unknown,
  options: KeepingOptions,
  { ttlMs, defaultTtlMs }: { readonly ttlMs?: number | undefined; readonly defaultTtlMs: number },
): Storable | undefined {
  const isNothing = value === null || value === undefined;
  const keptMs = ttlMs ?? (isNothing ? options.negativeTtlMs : undefined) ?? options.ttlMs ?? defaultTtlMs;
  if (!(keptMs > 0)) return undefined;
  const text = value === undefined ? undefined : serialize(value);
  const freshMs = jitterTtlMs(keptMs);
  const staleMs = Math.max(options.staleWhileRevalidateMs ?? 0, options.graceMs ?? 0);
  return {
    text,
    freshMs,
    lifeMs: freshMs + staleMs,
    format: ({ epoch, nowMs, tokens }) =>
      formatEnvelope(text, {
        e: epoch,
        t: nowMs,
        f: nowMs + freshMs,
        ...(staleMs > 0 ? { s: staleMs } : {}),
        ...(Object.keys(tokens).length > 0 ? { g: tokens } : {}),
      }),
  };
}
