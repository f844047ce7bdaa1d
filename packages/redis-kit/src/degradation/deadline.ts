import { RedisFault } from "../errors";

/** How late a timer may be before the event loop, not Redis, is to blame. */
const toleratedLagMs = 30;
/** A loop that is late all the time must not wait for ever. */
const mostChances = 3;

/**
 * Waits at most `deadlineMs` for `work`. After a stall of this process's own event loop timers run before
 * the sockets are read; such a late timer gives the answer that may be waiting there one more chance, and
 * again, a few times, if that one is late too.
 *
 * @param graceMs how long such a chance is; work of several round trips needs as long as it had before
 * @throws {RedisFault} timeout; the work itself can't be taken back and may still happen
 */
export function withDeadline<T>(work: Promise<T>, deadlineMs: number, graceMs = toleratedLagMs): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    let chances = 0;
    let timer = wait(deadlineMs);
    function wait(ms: number): NodeJS.Timeout {
      const dueAt = performance.now() + ms;
      return setTimeout(() => {
        const isLate = performance.now() - dueAt >= toleratedLagMs;
        chances += 1;
        if (isLate && chances <= mostChances) timer = wait(graceMs);
        else reject(new RedisFault("timeout", `no answer within ${deadlineMs} ms`));
      }, ms);
    }
    const settle = <A>(done: (answer: A) => void) => {
      return (answer: A) => {
        clearTimeout(timer);
        done(answer);
      };
    };
    work.then(settle(resolve), settle(reject));
  });
}

/** Resolves after `ms` without keeping the process alive; at once when `signal` aborts. */
export function sleep(ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted === true) {
      resolve();
      return;
    }
    const wake = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", wake);
      resolve();
    };
    const timer = setTimeout(wake, ms);
    timer.unref();
    signal?.addEventListener("abort", wake);
  });
}
