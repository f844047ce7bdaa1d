import { ProblemError } from "@vibe-friend/service-kit/problem-error";

export interface QueueRoomDependencies {
  /** How many generations wait, over all people; counted up to `most`. */
  readonly countQueued: (most: number) => Promise<number>;
  /** 0 is no limit */
  readonly maxQueued: number;
  /** milliseconds that never jump */
  readonly clock: () => number;
}

/** How long a count stands; what was let in meanwhile is added to it. Milliseconds. */
const COUNT_MS = 250;
/** A full queue isn't empty in a moment. */
const RETRY_AFTER_SECONDS = 10;

/**
 * Lets a submission through while fewer than the limit wait, so that a queue that can't be worked off doesn't
 * grow. Counted at most four times a second by each gateway; several of them may overshoot by what they admit
 * between two counts.
 *
 * @throws unavailable, with Retry-After
 */
export function createQueueRoom({ countQueued, maxQueued, clock }: QueueRoomDependencies) {
  let count = 0;
  let countedAt = -Infinity;
  let counting: Promise<void> | undefined;

  async function recount(): Promise<void> {
    count = await countQueued(maxQueued);
    countedAt = clock();
  }

  return async function takeQueueRoom(): Promise<void> {
    if (maxQueued <= 0) return;
    if (clock() - countedAt >= COUNT_MS) {
      counting ??= recount().finally(() => {
        counting = undefined;
      });
      await counting;
    }
    if (count >= maxQueued) {
      const detail = "Too many generations are waiting already";
      throw new ProblemError("unavailable", { detail, retryAfterSeconds: RETRY_AFTER_SECONDS });
    }
    count += 1;
  };
}
