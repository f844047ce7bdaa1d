import type { Clock } from "../clock";
import type { SessionTruth } from "./session-truth";

/** The truth, and for how long it has been away. */
export interface TruthOutage {
  /** Rejects with what the truth rejects with. */
  ask<T>(question: (truth: SessionTruth) => Promise<T>): Promise<T>;
  /** Milliseconds since the first failing answer after the last good one; 0 while all is well. */
  awayMs(): number;
}

/** Notes how every question ends. Not for writes: the truth may refuse one for reasons of its own. */
export function createTruthOutage(truth: SessionTruth, clock: Clock): TruthOutage {
  let awaySinceMs: number | undefined;
  return {
    async ask(question) {
      try {
        const answer = await question(truth);
        awaySinceMs = undefined;
        return answer;
      } catch (error) {
        awaySinceMs ??= clock();
        throw error;
      }
    },
    awayMs: () => (awaySinceMs === undefined ? 0 : clock() - awaySinceMs),
  };
}
