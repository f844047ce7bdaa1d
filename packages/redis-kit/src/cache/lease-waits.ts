import type { CacheFigures } from "./cache-figures";

/** Between two looks whether another process has stored what it loads; milliseconds. */
const shortestMs = 20;
const longestMs = 50;

/** Another process's load is waited for so long, then this one takes its place; milliseconds. */
export const defaultLoadWaitMs = 3000;

/** One caller's waiting for another process's load, if it comes to that. */
export interface LeaseWait {
  /** It has not waited yet. */
  isFirst(): boolean;
  /** Has anybody in this process waited for that name so long? Whoever asks next need not wait as long again. */
  isLong(limitMs: number): boolean;
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
  /** since when the callers of a name wait, the oldest first */
  const waiting = new Map<string, Set<{ readonly since: number }>>();

  function enter(name: string): { readonly since: number } {
    const one = { since: performance.now() };
    const all = waiting.get(name);
    if (all === undefined) waiting.set(name, new Set([one]));
    else all.add(one);
    return one;
  }

  function leave(name: string, one: { readonly since: number }): void {
    const all = waiting.get(name);
    all?.delete(one);
    if (all?.size === 0) waiting.delete(name);
  }

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
      let mine: { readonly since: number } | undefined;
      return {
        isFirst: () => mine === undefined,
        isLong(limitMs) {
          const [oldest] = waiting.get(name) ?? [];
          return oldest !== undefined && performance.now() - oldest.since >= limitMs;
        },
        pause() {
          if (mine === undefined) counts.leaseWaits += 1;
          mine ??= enter(name);
          return pause(name);
        },
        end(outcome) {
          if (mine === undefined) return;
          leave(name, mine);
          const seconds = (performance.now() - mine.since) / 1000;
          metrics.observe("redis_cache_lease_wait_seconds", { outcome }, seconds);
        },
      };
    },
  };
}
