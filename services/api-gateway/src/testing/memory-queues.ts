import type { WorkQueueName } from "@vibe-friend/contracts/queue-admin";
import type { AdministerQueuesDependencies } from "../domain/administer-queues";

/** Queues in which nothing waits and nothing has failed. What is done with them is recorded. */
export function createMemoryQueues(
  record: (call: string) => Promise<void>,
): Pick<AdministerQueuesDependencies, "rows" | "deliveries" | "archiveNews" | "resumed"> {
  const paused = new Set<WorkQueueName>();
  return {
    rows: {
      view: (name) =>
        Promise.resolve({
          name,
          pausedAt: paused.has(name) ? "2026-01-01T00:00:00.000Z" : null,
          counts: { queued: 0, delayed: 0, running: 0, failed: 0 },
          oldestWaitingMs: null,
          failed: [],
        }),
      setPaused(name, isPaused, by) {
        if (isPaused) paused.add(name);
        else paused.delete(name);
        return record(`rows ${isPaused ? "pause" : "resume"} ${name} by ${by.userId}`);
      },
      retryFailed: (name, limit) =>
        record(`rows retry ${name} ${limit}`).then(() => ({ generations: [], archives: [], left: 0 })),
      countQueued: () => Promise.resolve(0),
    },
    deliveries: {
      look: () => Promise.resolve(null),
      setPaused: (name, isPaused) => record(`redis ${isPaused ? "pause" : "resume"} ${name}`),
    },
    archiveNews: { queued: (id) => record(`archive news ${id}`) },
    resumed: (name) => record(`news resumed ${name}`),
  };
}
