/** How one operation of an open loop ended. */
export interface OpenLoopSample {
  /** milliseconds since 1970 when it started */
  readonly atMs: number;
  readonly latencyMs: number;
  /** whatever the operation told; "error" when it rejected, "unanswered" when it was still waiting at the end */
  readonly outcome: string;
}

export interface OpenLoop {
  /** Starts no more, and waits for those under way for at most `patienceMs`. */
  stop(patienceMs: number): Promise<readonly OpenLoopSample[]>;
}

/** A late timer is not the library's fault; a blocked process is. Above this the wait counts. */
const timerSlackMs = 5;

/** The same clock in every process of this machine; milliseconds since 1970. */
export function nowMs(): number {
  return performance.timeOrigin + performance.now();
}

/**
 * Starts operations at a steady rate, whether or not earlier ones have ended, as strangers do. An operation that
 * could not be started in time, because this process was busy, is timed from when it was due.
 */
export function startOpenLoop(perSecond: number, operation: (turn: number) => Promise<string>): OpenLoop {
  const beganAt = nowMs();
  const samples: OpenLoopSample[] = [];
  const pending = new Map<number, number>();
  let turn = 0;

  async function run(own: number, startedAt: number): Promise<void> {
    pending.set(own, startedAt);
    const outcome = await operation(own).catch(() => "error");
    if (!pending.delete(own)) return;
    samples.push({ atMs: startedAt, latencyMs: nowMs() - startedAt, outcome });
  }

  const timer = setInterval(() => {
    const now = nowMs();
    while (beganAt + (turn * 1000) / perSecond <= now) {
      const dueAt = beganAt + (turn * 1000) / perSecond;
      void run(turn, now - dueAt > timerSlackMs ? dueAt : now);
      turn += 1;
    }
  }, 1);

  return {
    async stop(patienceMs) {
      clearInterval(timer);
      const until = nowMs() + patienceMs;
      while (pending.size > 0 && nowMs() < until) await new Promise((resolve) => setTimeout(resolve, 5));
      for (const startedAt of pending.values()) {
        samples.push({ atMs: startedAt, latencyMs: nowMs() - startedAt, outcome: "unanswered" });
      }
      pending.clear();
      return samples.toSorted((a, b) => a.atMs - b.atMs);
    },
  };
}
