/** All waits for Redis of one call together, but for the last two questions' least; milliseconds. */
const totalMs = 160;
/** One command's deadline, and the least that is worth asking at all; milliseconds. */
const longestMs = 150;
const shortestMs = 20;

/** What one call may still wait for Redis. */
export interface RedisPatience {
  /** Runs a command with what is left as its deadline, and takes off what it needed. */
  spend<T>(ask: (deadlineMs: number) => Promise<T>): Promise<T>;
}

/** @param spentMs what the call has waited already */
export function createPatience(spentMs = 0): RedisPatience {
  let leftMs = totalMs - spentMs;
  return {
    async spend(ask) {
      const startedAt = performance.now();
      try {
        return await ask(Math.min(longestMs, Math.max(shortestMs, leftMs)));
      } finally {
        leftMs -= performance.now() - startedAt;
      }
    },
  };
}
