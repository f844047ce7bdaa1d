import type { WorkerLogger } from "./ports";

/** A row that waits. */
export interface WaitingRow {
  readonly id: string;
  readonly priority: number;
  readonly lastSeq: number;
}

/** A job that the queue holds for a row. */
export interface HeldJob {
  readonly jobId: string;
  readonly generationId: string;
  /** a worker has it: it is left alone */
  readonly isActive: boolean;
}

/** The queue in Redis. It may be away, which is an answer like every other. */
export interface HeldQueue {
  /** undefined: can't be asked. @returns `isAll` false when there are more than are listed */
  list(): Promise<{ readonly jobs: readonly HeldJob[]; readonly isAll: boolean } | undefined>;
  /** Under ids it has never seen. @returns how many it took, as far as known */
  add(rows: readonly WaitingRow[]): Promise<number>;
  /** @returns how many are gone, as far as known */
  remove(jobIds: readonly string[]): Promise<number>;
}

export interface DispatchStore {
  /** Does the work while no other worker does it. @returns undefined: another one is at it */
  inTurn<T>(work: () => Promise<T>): Promise<T | undefined>;
  /** What waits and isn't held, and what is held and doesn't wait; ids of generations. */
  compare(
    held: readonly string[],
    options: { readonly waitedMs: number; readonly limit: number },
  ): Promise<{ readonly forgotten: readonly WaitingRow[]; readonly stale: readonly string[] }>;
}

export interface ReconcileDependencies {
  readonly dispatch: DispatchStore;
  readonly queue: HeldQueue;
  readonly metrics: { reconciled(what: "added" | "removed", count: number): void };
  readonly logger: WorkerLogger;
  /** A row that waited this long without being held was forgotten. */
  readonly overdueMs: number;
  /** Whether the queue can be reached at all; while it can't, nothing is asked. */
  readonly isQueueWell: () => boolean;
}

/** In one round and each way; the next one goes on. */
const MOST = 500;

/**
 * Makes the queue hold what waits, and nothing else: rows that Redis has forgotten are added again, jobs whose row
 * has ended or runs are removed. The rows would be found without it; this keeps the queue's order and figures
 * true. One process at a time; what the list has missed is added twice at worst, and the row is claimed once.
 * Never rejects.
 */
export function createReconcile(dependencies: ReconcileDependencies) {
  const { dispatch, queue, metrics, logger, overdueMs, isQueueWell } = dependencies;

  async function compare(): Promise<void> {
    const held = await queue.list();
    if (held === undefined) return;
    const ids = [...new Set(held.jobs.map(({ generationId }) => generationId))];
    const { forgotten, stale } = await dispatch.compare(ids, { waitedMs: overdueMs, limit: MOST });
    if (held.isAll && forgotten.length > 0) {
      const added = await queue.add(forgotten);
      metrics.reconciled("added", added);
      logger.warn("rows that the queue had forgotten were added again", { rows: forgotten.length, added });
    }
    const gone = new Set(stale);
    const spent = held.jobs.filter(({ isActive, generationId }) => !isActive && gone.has(generationId));
    if (spent.length === 0) return;
    metrics.reconciled("removed", await queue.remove(spent.map(({ jobId }) => jobId)));
  }

  return async function reconcile(): Promise<void> {
    if (!isQueueWell()) return;
    try {
      await dispatch.inTurn(compare);
    } catch (error) {
      logger.debug("queue and rows couldn't be compared", { cause: String(error) });
    }
  };
}

export type Reconcile = ReturnType<typeof createReconcile>;
