export interface FrameBatch<T> {
  add(item: T): void;
  /** Hands over what waits, now. */
  flush(): void;
  /** Forgets what waits. */
  discard(): void;
}

/** Shortest time between two hand-overs, in ms: what the eye still sees as flowing. */
const SHORTEST_MS = 40;

/**
 * Collects what comes in and hands it over at most once per frame. A page in the background has no frames:
 * there it is handed over about once a second, as timers go.
 */
export function createFrameBatch<T>(handOver: (items: readonly T[]) => void): FrameBatch<T> {
  let waiting: T[] = [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  let frame: number | undefined;

  function flush(): void {
    cancel();
    if (waiting.length === 0) return;
    const items = waiting;
    waiting = [];
    handOver(items);
  }

  function cancel(): void {
    clearTimeout(timer);
    if (frame !== undefined) cancelAnimationFrame(frame);
    timer = undefined;
    frame = undefined;
  }

  function onTimer(): void {
    if (document.hidden) flush();
    else frame = requestAnimationFrame(flush);
  }

  return {
    add(item) {
      waiting.push(item);
      timer ??= setTimeout(onTimer, SHORTEST_MS);
    },
    flush,
    discard() {
      cancel();
      waiting = [];
    },
  };
}
