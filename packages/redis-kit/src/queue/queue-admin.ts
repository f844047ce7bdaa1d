import type { Queue } from "bullmq";
import { withoutRedisBudget } from "../degradation/budget";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import type { Guarded } from "../outcome";
import { createGuardedQueue } from "./guarded-queue";
import type { GuardedQueueOptions } from "./guarded-queue";
import { readCounts } from "./job-counts";
import type { JobCounts } from "./job-counts";

/** A queue at a glance. */
export interface QueueOverview {
  readonly counts: JobCounts;
  /** true: nobody is given a job, whichever process asks */
  readonly paused: boolean;
  /** milliseconds the oldest waiting job has waited; absent when none waits. With priorities: of the first 100. */
  readonly oldestWaitingMs?: number;
}

/** A job whose handler rejected. Its data stays in Redis: it is not for everybody's eyes. */
export interface FailedJob {
  readonly id: string;
  readonly name: string;
  /** the handler's error */
  readonly reason: string;
  readonly addedAt: Date;
  readonly failedAt?: Date;
  readonly attempts: number;
}

/**
 * What people do with a queue, who know that it takes time: a request's budget does not count. Nothing here
 * rejects for Redis' sake.
 */
export interface QueueAdmin {
  overview(): Promise<Guarded<QueueOverview>>;
  /** The latest first. @param limit 1 to 100 */
  failed(page: { readonly offset: number; readonly limit: number }): Promise<Guarded<readonly FailedJob[]>>;
  /** Running jobs go on, waiting ones wait, adding works. It stands in Redis, so a flush ends it. */
  pause(): Promise<Guarded<void>>;
  resume(): Promise<Guarded<void>>;
  /** @returns false: there is no failed job of this id */
  retry(id: string): Promise<Guarded<boolean>>;
  /** Puts all failed jobs back. @returns how many there were; after a timeout it may go on */
  retryFailed(): Promise<Guarded<number>>;
  close(): Promise<void>;
}

/** What an admin's queue is made of; a question may take `deadlineMs`, by default 2000. */
export interface QueueAdminOptions extends GuardedQueueOptions {
  readonly metrics?: KitMetrics;
}

type ListedJob = Awaited<ReturnType<Queue["getFailed"]>>[number];

const longestReason = 500;
const retriedAtOnce = 500;

/** Connects with the first question. */
export function createQueueAdmin(options: QueueAdminOptions): QueueAdmin {
  const { queue: name, deadlineMs = 2000, metrics = noMetrics } = options;
  const queue = createGuardedQueue({ ...options, deadlineMs });
  const run: typeof queue.run = (...question) => withoutRedisBudget(() => queue.run(...question));

  async function look(bull: Queue): Promise<QueueOverview> {
    const [counts, paused, oldestAt] = await Promise.all([
      readCounts(bull),
      bull.isPaused(),
      findOldest(bull),
    ]);
    const oldestWaitingMs = oldestAt === undefined ? undefined : Math.max(0, Date.now() - oldestAt);
    for (const [state, jobs] of Object.entries(counts) as [keyof JobCounts, number][]) {
      metrics.set("redis_queue_jobs", { queue: name, state }, jobs);
    }
    metrics.set("redis_queue_oldest_waiting_seconds", { queue: name }, (oldestWaitingMs ?? 0) / 1000);
    return { counts, paused, ...(oldestWaitingMs === undefined ? {} : { oldestWaitingMs }) };
  }

  return {
    overview: () => run("queue.overview", name, look),
    failed: ({ offset, limit }) =>
      run("queue.failed", name, async (bull) => {
        const last = offset + Math.min(100, Math.max(1, limit)) - 1;
        return (await bull.getFailed(offset, last)).map(describeFailed);
      }),
    pause: () => run("queue.pause", name, (bull) => bull.pause()),
    resume: () => run("queue.resume", name, (bull) => bull.resume()),
    retry: (id) =>
      run("queue.retry", id, async (bull) => {
        const job = await bull.getJob(id);
        if (job === undefined || !(await job.isFailed())) return false;
        await job.retry("failed");
        return true;
      }),
    retryFailed: () =>
      run("queue.retry-failed", name, async (bull) => {
        const { failed } = await readCounts(bull);
        if (failed > 0) await bull.retryJobs({ state: "failed", count: retriedAtOnce });
        return failed;
      }),
    close: () => queue.close(),
  };
}

/** Those without a priority wait in order of age, the others by priority first. */
async function findOldest(bull: Queue): Promise<number | undefined> {
  // A job may have been taken between its id and its data.
  const list = (state: "waiting" | "prioritized", last: number): Promise<(ListedJob | undefined)[]> =>
    bull.getJobs([state], 0, last, true);
  const jobs = (await Promise.all([list("waiting", 0), list("prioritized", 99)])).flat();
  const times = jobs.flatMap((job) => job?.timestamp ?? []);
  return times.length === 0 ? undefined : Math.min(...times);
}

function describeFailed(job: ListedJob): FailedJob {
  return {
    id: job.id ?? "",
    name: job.name,
    reason: job.failedReason.slice(0, longestReason),
    addedAt: new Date(job.timestamp),
    ...(job.finishedOn === undefined ? {} : { failedAt: new Date(job.finishedOn) }),
    attempts: job.attemptsMade,
  };
}
