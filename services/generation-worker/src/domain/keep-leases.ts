import type { ClaimStore, WorkerLogger } from "./ports";
import type { RunningGenerations } from "./running-generations";

export interface KeepLeasesDependencies {
  readonly claims: Pick<ClaimStore, "heartbeat">;
  readonly running: RunningGenerations;
  readonly logger: WorkerLogger;
}

/**
 * Renews the leases of all runs of this process in one statement and stops those that aren't held any more:
 * cancelled, or given to another worker. Calls that come during one are answered by one more. Never rejects.
 */
export function createKeepLeases({ claims, running, logger }: KeepLeasesDependencies) {
  let current: Promise<void> | undefined;
  let next: Promise<void> | undefined;

  async function beat(): Promise<void> {
    const runs = running.all();
    if (runs.length === 0) return;
    try {
      const held = await claims.heartbeat(runs.map(({ claimed }) => claimed));
      const tokens = new Map(held.map(({ id, claimToken }) => [id, claimToken]));
      for (const run of runs) {
        if (tokens.get(run.claimed.id) !== run.claimed.claimToken) run.stop("lost");
      }
    } catch (error) {
      // The lease outlives two lost beats; what happens after that is fenced.
      logger.warn("a heartbeat failed", { runs: runs.length, cause: String(error) });
    }
  }

  async function start(): Promise<void> {
    await beat();
    current = undefined;
  }

  return function keepLeases(): Promise<void> {
    if (!current) return (current = start());
    next ??= current.then(() => {
      next = undefined;
      return (current = start());
    });
    return next;
  };
}

export type KeepLeases = ReturnType<typeof createKeepLeases>;
