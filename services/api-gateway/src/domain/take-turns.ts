import { AsyncResource } from "node:async_hooks";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import { BulkheadRejectedError, bulkhead, type BulkheadPolicy } from "cockatiel";

export interface TurnOptions {
  /** of one person, in this process */
  readonly atOnce: number;
  readonly waiting: number;
}

const productOptions: TurnOptions = { atOnce: 4, waiting: 200 };

/**
 * What one person writes waits for itself in Postgres, each with a connection in its hand. Here only a few of
 * one person's are let in at once, so that the others' don't want for connections; the rest wait in memory.
 *
 * @throws rate_limited: too many of this person wait already
 */
export function createTakeTurns({ atOnce, waiting }: TurnOptions = productOptions) {
  const lanes = new Map<string, { readonly policy: BulkheadPolicy; users: number }>();

  return async function takeTurn<T>(userId: string, work: () => Promise<T>): Promise<T> {
    const lane = lanes.get(userId) ?? { policy: bulkhead(atOnce, waiting), users: 0 };
    lanes.set(userId, lane);
    lane.users += 1;
    try {
      // Who waited goes on as the request it is, not as the one that let it in.
      return await lane.policy.execute(AsyncResource.bind(() => work()));
    } catch (error) {
      if (!(error instanceof BulkheadRejectedError)) throw error;
      throw new ProblemError("rate_limited", {
        detail: "Too many requests at once",
        retryAfterSeconds: 1,
        cause: error,
      });
    } finally {
      lane.users -= 1;
      if (lane.users === 0) lanes.delete(userId);
    }
  };
}

export type TakeTurn = ReturnType<typeof createTakeTurns>;
