import { sourceFailed } from "./belief";
import type { CacheAnswer, CacheSource } from "./cache-types";
import { LoadTimeout } from "./load-errors";
import { late, waitAtMost } from "./wait-at-most";

/** A value past its time that may be the answer when the source fails or is late. */
export interface Spare<T> {
  readonly value: T;
  readonly from: "memory" | "redis";
}

/** One caller of getOrLoad, from the question to the answer. */
export interface Caller<T> {
  readonly name: string;
  /** of `performance.now()` */
  readonly startedAt: number;
  /** milliseconds spent waiting for the source so far, here or in another process */
  loadMs(): number;
  keepSpare(spare: Spare<T>): void;
  readonly hasSpare: boolean;
  /**
   * Waits for a load or for a pause, within this caller's deadlines; the spare value answers in place of
   * what fails or is late. undefined: `work` gave no answer, go on.
   */
  wait(work: Promise<CacheAnswer<T> | undefined>): Promise<CacheAnswer<T> | undefined>;
}

/** @param startedAt of `performance.now()`; the deadlines count from then */
export function createCaller<T>(name: string, source: CacheSource<T>, startedAt: number): Caller<T> {
  const { softDeadlineMs, hardDeadlineMs } = source;
  let waitedMs = 0;
  let spare: Spare<T> | undefined;

  function degraded({ value, from }: Spare<T>, cause: unknown): CacheAnswer<T> {
    return { kind: "degraded", value, from, stale: true, fault: sourceFailed(cause) };
  }

  async function settle(work: Promise<CacheAnswer<T> | undefined>): Promise<CacheAnswer<T> | undefined> {
    const passedMs = performance.now() - startedAt;
    const softMs = spare === undefined ? Infinity : (softDeadlineMs ?? Infinity);
    const hardMs = hardDeadlineMs ?? Infinity;
    const deadlineMs = Math.min(softMs, hardMs);
    try {
      const answer = await waitAtMost(work, deadlineMs === Infinity ? undefined : deadlineMs - passedMs);
      if (answer !== late) return answer;
      if (spare !== undefined && softMs < hardMs) return { kind: "ok", ...spare, stale: true };
      throw new LoadTimeout(name, hardMs);
    } catch (error) {
      if (spare === undefined) throw error;
      return degraded(spare, error);
    }
  }

  return {
    name,
    startedAt,
    loadMs: () => waitedMs,
    keepSpare(next) {
      spare = next;
    },
    get hasSpare() {
      return spare !== undefined;
    },
    async wait(work) {
      const since = performance.now();
      try {
        return await settle(work);
      } finally {
        waitedMs += performance.now() - since;
      }
    },
  };
}
