import type { Queue } from "bullmq";

/** Jobs by state. */
export interface JobCounts {
  /** waiting, prioritized ones included */
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly completed: number;
  readonly failed: number;
}

/** @throws what the client throws */
export async function readCounts(bull: Queue): Promise<JobCounts> {
  const counts = await bull.getJobCounts("wait", "prioritized", "active", "delayed", "completed", "failed");
  const count = (state: string) => counts[state] ?? 0;
  return {
    waiting: count("wait") + count("prioritized"),
    active: count("active"),
    delayed: count("delayed"),
    completed: count("completed"),
    failed: count("failed"),
  };
}
