/** Milliseconds everything about a claim is measured in. */
export interface LeaseTimes {
  /** How long a claim stands without a heartbeat. */
  readonly leaseMs: number;
  readonly heartbeatMs: number;
  readonly sweepMs: number;
  /** How often idle workers look for rows when nobody wakes them. */
  readonly pollMs: number;
  /** A row that waited this long was forgotten by the queue. */
  readonly overdueMs: number;
  /** Between two looks at whether queue and rows agree. */
  readonly reconcileMs: number;
  /** How long events are kept for a Postgres that is away. */
  readonly storeAwayMs: number;
  /** Between two writes of events. */
  readonly flushMs: number;
  /** The longest a run may take. */
  readonly runMs: number;
  /** The longest an engine may be silent; the run fails then and is tried again. */
  readonly idleMs: number;
  /** After its first run began, a failed generation isn't tried again later than this. */
  readonly deadlineMs: number;
}

export const defaultTimes: LeaseTimes = {
  leaseMs: 6000,
  heartbeatMs: 2000,
  sweepMs: 1000,
  pollMs: 1000,
  overdueMs: 5000,
  reconcileMs: 5000,
  storeAwayMs: 60_000,
  flushMs: 50,
  runMs: 20 * 60_000,
  idleMs: 2 * 60_000,
  deadlineMs: 60 * 60_000,
};

/** Runs that died or failed, after which a generation is given up. */
export const MAX_ATTEMPTS = 3;

/** What one generation may leave behind, whatever its engine says. Sizes are UTF-8 bytes. */
export const resultLimits = {
  files: 2000,
  fileBytes: 8 * 1024 * 1024,
  totalBytes: 256 * 1024 * 1024,
} as const;
