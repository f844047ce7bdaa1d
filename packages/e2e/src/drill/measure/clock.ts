/** Milliseconds since 1970 that never go back. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}
