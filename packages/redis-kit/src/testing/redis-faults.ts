import type { MemoryServer } from "./memory-server";

/** What can happen to a Redis in a behaviour suite. */
export interface RedisFaults {
  kill(): Promise<unknown>;
  /** Brings it back after `kill`, with what it had stored. */
  restart(): Promise<unknown>;
  freeze(): void;
  resume(): void;
  flushAll(): Promise<unknown>;
}

/** The faults of the double. */
export function createMemoryFaults(server: MemoryServer): RedisFaults {
  return {
    kill() {
      server.become("down");
      return Promise.resolve();
    },
    restart() {
      server.become("up");
      return Promise.resolve();
    },
    freeze: () => {
      server.become("frozen");
    },
    resume: () => {
      server.become("up");
    },
    flushAll() {
      server.flushAll();
      return Promise.resolve();
    },
  };
}

/** Asks again every 20 ms until it holds. @throws {Error} naming `what` after `timeoutMs` (default 15,000) */
export async function eventually(
  what: string,
  holds: () => boolean | Promise<boolean>,
  timeoutMs = 15_000,
): Promise<void> {
  const startedAt = performance.now();
  while (!(await holds())) {
    if (performance.now() - startedAt > timeoutMs) throw new Error(`not within ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
