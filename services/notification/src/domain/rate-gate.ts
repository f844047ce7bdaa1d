/** Lets `burst` calls through at once and `perSecond` in the long run. */
export function createRateGate(
  { burst, perSecond }: { readonly burst: number; readonly perSecond: number },
  clock: () => number = () => performance.now(),
) {
  let tokens = burst;
  let at = clock();
  return function admit(): boolean {
    const now = clock();
    tokens = Math.min(burst, tokens + ((now - at) / 1000) * perSecond);
    at = now;
    if (tokens < 1) return false;
    tokens -= 1;
    return true;
  };
}
