import type { Generation } from "@vibe-friend/contracts/generation";
import type { GenerationQueue, News } from "./ports";

/** Tells the workers of a committed row, behind the answer: the row is the job, this only makes it start sooner. */
export interface HandOver {
  start(generation: Generation): void;
  /** Resolves when everything started so far has ended, for a stopping process. */
  settled(): Promise<void>;
}

/**
 * Through the queue; when that fails, over the bus. Nobody waits for it, so that a Redis that hangs costs a
 * submission nothing; what both lose is found by the workers' own look at the rows.
 */
export function createHandOver({
  queue,
  news,
}: {
  readonly queue: GenerationQueue;
  readonly news: News;
}): HandOver {
  const running = new Set<Promise<void>>();

  async function handOver(generation: Generation): Promise<void> {
    if (!(await queue.add(generation))) await news.queued(generation.id);
  }

  return {
    start(generation) {
      const ending = handOver(generation).finally(() => running.delete(ending));
      running.add(ending);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
