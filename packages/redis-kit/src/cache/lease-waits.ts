import type { CacheFigures } from "./cache-figures";

/** Between two looks whether another process has stored what it loads; milliseconds. */
const shortestMs = 20;
const longestMs = 50;

/** One caller's waiting for another process's load, if it comes to that. */
export interface LeaseWait {
  /** It has not waited yet. */
  isFirst(): boolean;
  /** Until it is time to look again. */
  pause(): Promise<undefined>;
  /** Reports the wait, if there was one. */
  end(outcome: "value" | "took-over" | "gave-up"): void;
}

/** The waits of this process. */
export interface LeaseWaits {
  begin(name: string): LeaseWait;
}

/** Everybody who waits for the same name wakes up at once, so that one read serves all. */
export function createLeaseWaits({ counts, metrics }: CacheFigures): LeaseWaits {
  const pauses = new Map<string, Promise<undefined>>();

  function pause(name: string): Promise<undefined> {
    const known = pauses.get(name);
    if (known !== undefined) return known;
    const next = new Promise<undefined>((resolve) => {
      const ms = shortestMs + Math.random() * (longestMs - shortestMs);
      setTimeout(() => {
        pauses.delete(name);
        resolve(undefined);
      }, ms);
    });
    pauses.set(name, next);
    return next;
  }

  return {
    begin(name) {
      let startedAt: number | undefined;
      return {
        isFirst: () => startedAt === undefined,
        pause() {
          if (startedAt === undefined) counts.leaseWaits += 1;
          startedAt ??= performance.now();
          return pause(name);
        },
        end(outcome) {
          if (startedAt === undefined) return;
          metrics.observe(
            "redis_cache_lease_wait_seconds",
            { outcome },
            (performance.now() - startedAt) / 1000,
          );
        },
      };
    },
  };
}
