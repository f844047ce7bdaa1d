/** Why a call was given up, when it wasn't the caller's doing. */
export type Expiry = "idle" | "total";

/**
 * Aborts one call when the caller does, when the generation's time is over, or when one wait takes too
 * long. Waits are timed one by one, so that a slow reader of our own events never counts as a slow model.
 */
export interface CallClock {
  /** For the SDK: aborting it closes the socket. */
  readonly signal: AbortSignal;
  /** Waits for one step of the call. Rejects at once when the caller aborts or a limit passes. */
  within<T>(step: Promise<T>, limitMs: number): Promise<T>;
  expired(): Expiry | undefined;
  /** Aborts what is still going on and frees the timers. */
  stop(): void;
}

/** @param totalMs what is left for the whole generation */
export function createCallClock(caller: AbortSignal, totalMs: number): CallClock {
  const controller = new AbortController();
  let expiry: Expiry | undefined;
  let giveUpWaiting: (() => void) | undefined;

  function abort(reason?: unknown): void {
    controller.abort(reason);
    giveUpWaiting?.();
  }

  function expire(as: Expiry): void {
    expiry ??= as;
    abort();
  }

  const followCaller = (): void => {
    abort(caller.reason);
  };
  const total = setTimeout(expire, Math.max(0, totalMs), "total");
  caller.addEventListener("abort", followCaller, { once: true });
  if (caller.aborted) followCaller();

  return {
    signal: controller.signal,
    within(step, limitMs) {
      const idle = setTimeout(expire, limitMs, "idle");
      return new Promise((resolve, reject) => {
        giveUpWaiting = () => {
          reject(new Error("The call was given up."));
        };
        if (controller.signal.aborted) giveUpWaiting();
        step.then(resolve, reject);
      }).finally(() => {
        clearTimeout(idle);
        giveUpWaiting = undefined;
      }) as typeof step;
    },
    expired: () => expiry,
    stop() {
      clearTimeout(total);
      caller.removeEventListener("abort", followCaller);
      abort();
    },
  };
}
