/** What a worker's ways to its work show of themselves. */
export interface WorkSigns {
  /** Does it look for waiting rows? Of the last look's end, or the first's begin, on `clock`. */
  readonly lookedAt: () => number;
  /** Has the queue been asked for a job lately, or is this worker full? */
  readonly isConsuming: () => boolean;
  /** Whether the queue in Redis brings work, as far as Redis' health tells. */
  readonly isQueueWell: () => boolean;
  /** monotonic, milliseconds */
  readonly clock: () => number;
}

/** A worker that has not asked for work in this time asks no more; milliseconds. */
const patienceMs = 30_000;

/**
 * Says why this worker takes no work though it could: it does not look at the rows any more, or Redis has been
 * well for a while and the queue is not asked. Neither Redis nor Postgres being away is a stall: a look that
 * fails is a look, and without Redis the rows bring the work.
 */
export function createFindStall({ lookedAt, isConsuming, isQueueWell, clock }: WorkSigns) {
  /** since when the queue should have been asked, and wasn't */
  let silentSince: number | undefined;

  return function findStall(): string | undefined {
    const now = clock();
    if (now - lookedAt() > patienceMs) return `it has not looked for waiting rows for ${patienceMs / 1000} s`;
    silentSince = isQueueWell() && !isConsuming() ? (silentSince ?? now) : undefined;
    if (silentSince === undefined || now - silentSince <= patienceMs) return undefined;
    return `Redis is there, but the queue has not been asked for a job for ${patienceMs / 1000} s`;
  };
}
