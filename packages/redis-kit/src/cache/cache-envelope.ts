/**
 * A value as Redis holds it: plain JSON, readable in redis-cli. Short names, since it stands in every value.
 * No `v`: the value is undefined.
 */
export interface CacheEnvelope {
  readonly v?: unknown;
  /** epoch of the server it was stored on */
  readonly e: number;
  /** stored at, and fresh until; milliseconds since 1970 on the storing process's clock */
  readonly t: number;
  readonly f: number;
  /** milliseconds Redis keeps it beyond `f`; without it the value is fresh for as long as it is there */
  readonly s?: number;
  /** the token each of its tags had before it was loaded */
  readonly g?: TagTokens;
}

/** Tags and the tokens they had at some moment. */
export type TagTokens = Readonly<Record<string, string>>;

/** When a value stops being fresh: on no clock but the server's, unless it may be used beyond that. */
export function isFresh(envelope: CacheEnvelope, nowMs: number): boolean {
  return envelope.s === undefined || nowMs < envelope.f;
}

/** undefined: the text is no envelope. */
export function parseEnvelope(text: string): CacheEnvelope | undefined {
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    return undefined;
  }
  return isEnvelope(parsed) ? parsed : undefined;
}

/** Not by zod: every read from Redis goes through here, before its value meets its schema. */
function isEnvelope(parsed: unknown): parsed is CacheEnvelope {
  if (typeof parsed !== "object" || parsed === null) return false;
  const { e, t, f, s, g } = parsed as Record<keyof CacheEnvelope, unknown>;
  return (
    typeof e === "number" &&
    typeof t === "number" &&
    typeof f === "number" &&
    (s === undefined || typeof s === "number") &&
    (g === undefined || (typeof g === "object" && g !== null))
  );
}

/** @param text the value as JSON; undefined for undefined */
export function formatEnvelope(
  text: string | undefined,
  { e, t, f, s, g }: Omit<CacheEnvelope, "v">,
): string {
  const rest = JSON.stringify({ e, t, f, s, g });
  return text === undefined ? rest : `{"v":${text},${rest.slice(1)}`;
}
