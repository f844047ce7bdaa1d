import { AsyncLocalStorage } from "node:async_hooks";

/** What one request may still wait for Redis. */
export interface RedisBudget {
  /** whole milliseconds; never below 0 */
  leftMs(): number;
  /** A wait begins. @returns what ends it */
  begin(): () => void;
}

/** All Redis waits of one request together; milliseconds. */
const requestBudgetMs = 200;
/** A request that lasts, as a stream does, gets the same again. */
const renewedEveryMs = 10_000;

const budgets = new AsyncLocalStorage<RedisBudget | undefined>();

/**
 * Runs `work` so that all it waits for Redis, through the guards of any role, is at most `totalMs` together: a guard
 * shortens its deadlines to what is left, and answers `timeout` at once when that is nothing. Only waiting counts,
 * waits side by side once; the time between does not. Work that lasts gets the same again every 10 s.
 */
export function withRedisBudget<T>(totalMs: number, work: () => T): T {
  return budgets.run(createBudget(totalMs), work);
}

/** Handles one request of a person with 200 ms for all its Redis waits. */
export function withRequestBudget(handle: () => void): void {
  withRedisBudget(requestBudgetMs, handle);
}

/** For what a request only sets off (refreshing a value, telling of a change): it has its own deadlines. */
export function withoutRedisBudget<T>(work: () => T): T {
  return budgets.run(undefined, work);
}

/** The budget of what runs now; undefined outside of any. */
export function currentRedisBudget(): RedisBudget | undefined {
  return budgets.getStore();
}

function createBudget(totalMs: number): RedisBudget {
  let spentMs = 0;
  let waits = 0;
  let waitingSince = 0;
  let begunAt = performance.now();

  function renew(): void {
    if (waits > 0 || performance.now() - begunAt < renewedEveryMs) return;
    begunAt = performance.now();
    spentMs = 0;
  }

  const leftMs = () => {
    renew();
    const runningMs = waits === 0 ? 0 : performance.now() - waitingSince;
    return Math.max(0, Math.floor(totalMs - spentMs - runningMs));
  };
  return {
    leftMs,
    begin() {
      if (waits === 0) waitingSince = performance.now();
      waits += 1;
      return () => {
        waits -= 1;
        if (waits === 0) spentMs += performance.now() - waitingSince;
      };
    },
  };
}
