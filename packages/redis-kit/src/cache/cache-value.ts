import type { ZodType } from "zod";

/** What a stored text turned out to be. */
export type ReadValue<T> = { readonly ok: true; readonly value: T } | { readonly ok: false };

/** The text a value is stored as: plain JSON, readable in redis-cli. @throws {TypeError} on what JSON can't hold */
export function serialize(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined) throw new TypeError(`${typeof value} can't be cached; use null for "nothing"`);
  return text;
}

/** Reads a stored text; whatever isn't of the schema is not a value. */
export function deserialize<T>(text: string, schema: ZodType<T>): ReadValue<T> {
  try {
    return checkValue(JSON.parse(text), schema);
  } catch {
    return { ok: false };
  }
}

/** Never throws, whatever the schema's own checks do. */
export function checkValue<T>(value: unknown, schema: ZodType<T>): ReadValue<T> {
  try {
    const parsed = schema.safeParse(value);
    return parsed.success ? { ok: true, value: parsed.data } : { ok: false };
  } catch {
    return { ok: false };
  }
}

/** A time-to-live up to 10 % shorter, so that values stored together don't all end at once; milliseconds. */
export function jitterTtlMs(ttlMs: number, random: () => number = Math.random): number {
  return Math.max(1, Math.round(ttlMs * (1 - 0.1 * random())));
}
