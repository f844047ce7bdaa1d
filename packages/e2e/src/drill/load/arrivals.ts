import { nowMs } from "../measure/clock";
import type { Random } from "./random";

export interface Arrivals {
  /** Arrivals a second from now on; 0 pauses. */
  setRate(perSecond: number): void;
  stop(): void;
}

const tickMs = 2;

/**
 * Lets requests arrive as strangers do: at random (Poisson), whatever becomes of earlier ones. Each is told when it
 * was due, so that the wait behind a busy server, or behind this process, is part of its latency.
 */
export function startArrivals(random: Random, arrive: (dueAt: number) => void): Arrivals {
  let perSecond = 0;
  let nextAt = Infinity;
  const timer = setInterval(() => {
    const now = nowMs();
    while (nextAt <= now) {
      const dueAt = nextAt;
      nextAt += drawGapMs(random, perSecond);
      arrive(dueAt);
    }
  }, tickMs);
  return {
    setRate(wanted) {
      perSecond = wanted;
      nextAt = wanted > 0 ? nowMs() + drawGapMs(random, wanted) : Infinity;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** Milliseconds to the next arrival of a Poisson process. */
export function drawGapMs(random: Random, perSecond: number): number {
  return (-Math.log(1 - random()) * 1_000) / perSecond;
}
