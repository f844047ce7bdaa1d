/** How much this process runs at once, whichever way the work comes in. */
export interface Slots {
  /** undefined: all taken. @returns what gives the slot back; calling it twice is harmless */
  tryTake(): (() => void) | undefined;
  /** Waits for one, first come first served. Rejects with the signal's reason. */
  take(signal: AbortSignal): Promise<() => void>;
  readonly free: () => number;
}

export function createSlots(count: number): Slots {
  let free = count;
  const waiting = new Set<() => void>();

  function giveOnce(): () => void {
    let given = false;
    return () => {
      if (given) return;
      given = true;
      const [next] = waiting;
      if (next) next();
      else free += 1;
    };
  }

  function tryTake(): (() => void) | undefined {
    if (free === 0) return undefined;
    free -= 1;
    return giveOnce();
  }

  return {
    tryTake,
    take(signal) {
      const slot = tryTake();
      if (slot) return Promise.resolve(slot);
      return new Promise((resolve, reject) => {
        const giveUp = () => {
          waiting.delete(accept);
          reject(signal.reason as Error);
        };
        const accept = () => {
          waiting.delete(accept);
          signal.removeEventListener("abort", giveUp);
          resolve(giveOnce());
        };
        if (signal.aborted) {
          giveUp();
          return;
        }
        waiting.add(accept);
        signal.addEventListener("abort", giveUp, { once: true });
      });
    },
    free: () => free,
  };
}
