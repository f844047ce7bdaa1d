import { createPatience } from "./redis-patience";

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

it.each([20, 40, 60, 80, 95, 110, 140, 10_000])(
  "keeps the four questions of a miss within 200 ms together when each is answered after %d ms",
  async (latencyMs) => {
    const startedAt = performance.now();
    /** As a look: it has its own deadline, and nobody has waited before. */
    jest.advanceTimersByTime(Math.min(latencyMs, 150));
    const patience = createPatience(performance.now() - startedAt);
    const ask = () =>
      patience.spend((deadlineMs) => {
        jest.advanceTimersByTime(Math.min(latencyMs, deadlineMs));
        return Promise.resolve(latencyMs <= deadlineMs);
      });
    const hasLease = await ask();
    // The look under the lease, and the store.
    if (hasLease) for (let asked = 0; asked < 2; asked += 1) await ask();
    expect(performance.now() - startedAt).toBeLessThanOrEqual(200);
  },
);
