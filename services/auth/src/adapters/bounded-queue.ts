/** Runs work a few at a time. */
export interface BoundedQueue {
  /** undefined, at once, when too many wait already */
  run<T>(work: () => Promise<T>): Promise<T> | undefined;
}

export function createQueue({ atOnce, maxWaiting }: { atOnce: number; maxWaiting: number }): BoundedQueue {
  const waiting: (() => void)[] = [];
  let running = 0;

  async function runInTurn<T>(work: () => Promise<T>): Promise<T> {
    if (running >= atOnce) await new Promise<void>((start) => waiting.push(start));
    else running += 1;
    try {
      return await work();
    } finally {
      // The place goes straight to whoever waits longest.
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  }

  return {
    run: (work) => (running >= atOnce && waiting.length >= maxWaiting ? undefined : runInTurn(work)),
  };
}
