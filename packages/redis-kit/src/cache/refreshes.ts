import type { Clock } from "../clock";
import { withoutRedisBudget } from "../degradation/budget";
import type { Belief } from "./belief";
import type { CacheFigures } from "./cache-figures";
import type { CacheSource } from "./cache-types";
import type { Loads } from "./loads";
import { createPatience } from "./redis-patience";

/** After a refresh that came to nothing, the next one waits for this; milliseconds. */
const holdOffMs = 500;

/** A value's life, on the clock of the process that stored it. */
export interface Life {
  readonly storedAtMs: number;
  readonly freshUntilMs: number;
}

/** Loads behind an answer, one per name at a time, and under the lease as any other. */
export interface Refreshes {
  start<T>(name: string, source: CacheSource<T>, belief: Belief): void;
  /** Starts one if the value is late in its life. */
  startAhead<T>(name: string, source: CacheSource<T>, life: Life & { readonly belief: Belief }): void;
}

export function createRefreshes(parts: {
  readonly loads: Loads;
  readonly figures: CacheFigures;
  readonly clock: Clock;
}): Refreshes {
  const { loads, figures, clock } = parts;
  const heldOff = new Set<string>();

  function holdOff(name: string): void {
    heldOff.add(name);
    setTimeout(() => heldOff.delete(name), holdOffMs).unref();
  }

  function start<T>(name: string, source: CacheSource<T>, belief: Belief): void {
    if (heldOff.has(name) || loads.find(name) !== undefined) return;
    const { loaded } = withoutRedisBudget(() =>
      loads.start(name, source, { belief, patience: createPatience() }),
    );
    loaded.then(
      (answer) => {
        if (answer === undefined) holdOff(name);
        else figures.counts.refreshes += 1;
      },
      () => {
        holdOff(name);
      },
    );
  }

  return {
    start,
    startAhead(name, source, { storedAtMs, freshUntilMs, belief }) {
      if (source.refreshAhead === undefined) return;
      const dueAtMs = storedAtMs + (freshUntilMs - storedAtMs) * source.refreshAhead;
      if (clock() >= dueAtMs) start(name, source, belief);
    },
  };
}
