import type { Generation } from "@vibe-friend/contracts/generation";

/** Tells the workers of a committed row, behind the answer: the row is the job, this only makes it start sooner. */
export interface HandOver<T = Generation> {
  start(row: T): void;
  /** Resolves when everything started so far has ended, for a stopping process. */
  settled(): Promise<void>;
}

export interface HandOverDependencies<T> {
  /** False when Redis did not take it; never rejects. */
  readonly queue: { add(row: T): Promise<boolean> };
  readonly news: { queued(id: string): Promise<void> };
}

/**
 * Through the queue; when that fails, over the bus. Nobody waits for it, so that a Redis that hangs costs a
 * submission nothing; what both lose is found by the workers' own look at the rows.
 */
export function createHandOver<T extends { readonly id: string }>({
  queue,
  news,
}: HandOverDependencies<T>): HandOver<T> {
  const running = new Set<Promise<void>>();

  async function handOver(row: T): Promise<void> {
    if (!(await queue.add(row))) await news.queued(row.id);
  }

  return {
    start(row) {
      const ending = handOver(row).finally(() => running.delete(ending));
      running.add(ending);
    },
    async settled() {
      await Promise.all(running);
    },
  };
}
