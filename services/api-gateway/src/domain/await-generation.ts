import { isEnded, type Generation } from "@vibe-friend/contracts/generation";
import { isFinalEvent } from "@vibe-friend/contracts/generation-event";
import type { Feed, GenerationStore } from "./ports";

export interface AwaitDependencies {
  readonly store: Pick<GenerationStore, "find">;
  readonly feed: Feed;
  readonly timeoutMs: number;
  /** Requests that may wait in this process at once; further ones are answered as if their time were over. */
  readonly maxWaiters: number;
  /** the process is stopping: nobody waits any longer */
  readonly draining: AbortSignal;
}

/**
 * Waits for the end of a generation that is queued or running like every other one.
 *
 * @returns the generation as it is when it has ended, the time is over, `abandoned` aborts or the process stops
 */
export function createAwaitGeneration(dependencies: AwaitDependencies) {
  const { store, feed, timeoutMs, maxWaiters, draining } = dependencies;
  let waiters = 0;

  return async function awaitGeneration(generation: Generation, abandoned: AbortSignal): Promise<Generation> {
    if (isEnded(generation.status) || waiters >= maxWaiters) return generation;
    waiters += 1;
    try {
      const signal = AbortSignal.any([draining, abandoned, AbortSignal.timeout(timeoutMs)]);
      await finalEvent(feed, generation, signal);
    } finally {
      waiters -= 1;
    }
    // It is acknowledged already: when it can't be read just now, what is known of it is the answer.
    const latest = await store.find(generation.userId, generation.id).catch(() => undefined);
    return latest ?? generation;
  };
}

/** Resolves at the end, at the signal, or when the log can't be followed; never rejects. */
async function finalEvent(feed: Feed, generation: Generation, signal: AbortSignal): Promise<void> {
  let end: () => void = () => undefined;
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  signal.addEventListener("abort", end);
  if (signal.aborted) end();
  const following = feed.follow(
    { generationId: generation.id, after: generation.lastSeq },
    {
      onEvents(events) {
        if (events.some(isFinalEvent)) end();
      },
    },
  );
  const stopFollowing = following.then(async (open) => {
    await ended;
    open.close();
  }, end);
  await ended;
  signal.removeEventListener("abort", end);
  if (!signal.aborted) await stopFollowing;
}
