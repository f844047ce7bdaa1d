import type { RedisFault } from "./errors";

/**
 * Answer of an operation that may lose Redis. `degraded` carries a value from the fallback and says why.
 * Missing, stale and unreachable are three answers: a missing value is `ok` with `undefined`.
 */
export type Outcome<T> =
  | { readonly kind: "ok"; readonly value: T }
  | { readonly kind: "degraded"; readonly value: T; readonly fault: RedisFault }
  | { readonly kind: "unavailable"; readonly fault: RedisFault };

/** Answer of one guarded Redis call: what it gave, or why there is none. */
export type Guarded<T> =
  { readonly kind: "ok"; readonly value: T } | { readonly kind: "unavailable"; readonly fault: RedisFault };

/** Wraps a value that came the normal way. */
export function ok<T>(value: T): { readonly kind: "ok"; readonly value: T } {
  return { kind: "ok", value };
}
