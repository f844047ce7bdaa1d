import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/**
 * How many counters one limit may hold in memory: subjects share them by hash. Memory stays bounded
 * (some 20 MB) whoever knocks; what is shared only makes the limit stricter.
 */
const counterCount = 65_536;

/** What answers in place of Redis: this process's own count. */
export interface InsuranceLimit {
  consume(id: string, points: number): Promise<RateLimiterRes>;
  /** Redis has refused it for so long: should Redis go now, it stays refused. */
  remember(id: string, refusedMs: number): Promise<void>;
  forget(id: string): Promise<void>;
}

/** @param id a hash in hexadecimal; its first 16 bits choose the counter */
export function createInsuranceLimit(points: number, durationMs: number): InsuranceLimit {
  const memory = new RateLimiterMemory({ points, duration: durationMs / 1000, keyPrefix: "" });
  const counterOf = (id: string) => String(Number.parseInt(id.slice(0, 8), 16) % counterCount);
  return {
    consume: (id, taken) => orRefusal(memory.consume(counterOf(id), taken)),
    async remember(id, refusedMs) {
      // Zero would mean for ever.
      await memory.block(counterOf(id), Math.max(1, refusedMs) / 1000);
    },
    async forget(id) {
      await memory.delete(counterOf(id));
    },
  };
}

/** The library rejects with its answer when it says no. */
export async function orRefusal(answer: Promise<RateLimiterRes>): Promise<RateLimiterRes> {
  try {
    return await answer;
  } catch (error) {
    if (error instanceof RateLimiterRes) return error;
    throw error;
  }
}
