import { RedisFault } from "../errors";

/** How late a timer may be before the event loop, not Redis, is to blame. */
const toleratedLagMs = 30;

/**
 * Waits at most `deadlineMs` for `work`. After a stall of this process's own event loop timers run before
 * the sockets are read; such a late timer gives the answer that may be waiting there one more chance.
 *
 * @throws {RedisFault} timeout; the work itself can't be taken back and may still happen
 */
export function withDeadline<T>(work: Promise<T>, deadlineMs: number): Promise<T> {
  return new Promise<T>((resolve, reject) => {
    const dueAt = performance.now() + deadlineMs;
    const expire = () => {
      reject(new RedisFault("timeout", `no answer within ${deadlineMs} ms`));
    };
    let timer = setTimeout(() => {
      if (performance.now() - dueAt < toleratedLagMs) expire();
      else timer = setTimeout(expire, toleratedLagMs);
    }, deadlineMs);
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
