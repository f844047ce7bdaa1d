/** How long silence must have lasted to count as a loss, milliseconds. */
const LOSS_MS = 2000;

/** Keeps what statements learn about whether Postgres is there. */
export interface Reachability {
  succeeded(): void;
  lost(): void;
  readonly isReachable: () => boolean;
  /** Milliseconds since the end of the last loss that took more than two seconds; undefined: none yet. */
  readonly regainedMsAgo: () => number | undefined;
  /** Milliseconds since a statement last found Postgres away, however shortly; undefined: none yet. */
  readonly lostMsAgo: () => number | undefined;
}

export function createReachability(): Reachability {
  let reachable = false;
  let lastSuccessAt: number | undefined;
  let regainedAt: number | undefined;
  let lostAt: number | undefined;
  return {
    succeeded() {
      const now = performance.now();
      if (!reachable && lastSuccessAt !== undefined && now - lastSuccessAt > LOSS_MS) regainedAt = now;
      reachable = true;
      lastSuccessAt = now;
    },
    lost() {
      reachable = false;
      lostAt = performance.now();
    },
    isReachable: () => reachable,
    regainedMsAgo: () => (regainedAt === undefined ? undefined : performance.now() - regainedAt),
    lostMsAgo: () => (lostAt === undefined ? undefined : performance.now() - lostAt),
  };
}
