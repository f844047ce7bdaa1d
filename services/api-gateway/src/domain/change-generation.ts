import type { Generation } from "@vibe-friend/contracts/generation";
import type { HandOver } from "./hand-over";
import type { TakeTurn } from "./take-turns";
import type { GenerationLimits, GenerationStore, News } from "./ports";

/**
 * Stops a generation: a compare-and-set in the row, and the answer follows from that alone. The worker
 * hears of it by message, or at its next heartbeat, and can't write any more either way.
 *
 * @throws not_found, or wrong_state when it has completed or failed
 */
export function createCancelGeneration({
  store,
  news,
}: {
  store: Pick<GenerationStore, "cancel">;
  news: News;
}) {
  return async function cancelGeneration(userId: string, id: string): Promise<Generation> {
    const change = await store.cancel(userId, id);
    if (change.events.length > 0) {
      void news.cancelled(id);
      void news.changed(change);
    }
    return change.generation;
  };
}

export interface RetryDependencies {
  readonly store: Pick<GenerationStore, "retry">;
  readonly news: News;
  readonly handOver: HandOver;
  readonly limits: GenerationLimits;
  /** @throws unavailable: too many wait already, over all people */
  readonly takeQueueRoom: () => Promise<void>;
  readonly takeTurn: TakeTurn;
}

/**
 * Queues a failed or cancelled generation again; its log goes on after its last event.
 *
 * @throws not_found, wrong_state, quota_exceeded
 * @throws unavailable, rate_limited: there is no room for more, in the queue or for this person here
 */
export function createRetryGeneration(dependencies: RetryDependencies) {
  const { store, news, handOver, limits, takeQueueRoom, takeTurn } = dependencies;
  return async function retryGeneration(userId: string, id: string): Promise<Generation> {
    const change = await takeTurn(userId, async () => {
      await takeQueueRoom();
      return store.retry(userId, id, limits);
    });
    void news.changed(change);
    handOver.start(change.generation);
    return change.generation;
  };
}
