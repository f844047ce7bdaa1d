import type { Queue } from "bullmq";
import { withoutRedisBudget } from "../degradation/budget";
import type { Guarded } from "../outcome";
import { createGuardedQueue } from "./guarded-queue";
import type { GuardedQueueOptions } from "./guarded-queue";
import { parseJobData } from "./job-catalogue";
import type { JobCatalogue, JobData, JobName } from "./job-catalogue";
import { assertJobId } from "./job-id";

/** The ids of the jobs that a queue holds and that have not ended. */
export interface HeldJobs {
  /** waiting, prioritized or delayed */
  readonly pending: readonly string[];
  /** a consumer has them, or had them when it died */
  readonly active: readonly string[];
  /** false: there are more than were asked for */
  readonly isAll: boolean;
}

/** A job as `addMany` takes it. */
export interface NewJob<C extends JobCatalogue, N extends JobName<C>> {
  /** as in `AddJobOptions` */
  readonly id: string;
  readonly data: JobData<C, N>;
  /** 1 is first */
  readonly priority?: number;
}

/**
 * For comparing a queue with what it should hold. Nothing here rejects for Redis' sake; what timed out may still
 * happen, and jobs come and go while a list is read: in doubt a job is missing from it.
 */
export interface QueueContents<C extends JobCatalogue> {
  /** In pages of 1,000, so that nobody else waits. @param limit of each kind */
  list(limit: number): Promise<Guarded<HeldJobs>>;
  /** @throws {RangeError} on an id BullMQ can't hold @throws {ZodError} on data that isn't the job's */
  addMany<N extends JobName<C>>(name: N, jobs: readonly NewJob<C, N>[]): Promise<Guarded<void>>;
  /** Leaves alone what a consumer has. @returns how many are not there any more */
  removeMany(ids: readonly string[]): Promise<Guarded<number>>;
  close(): Promise<void>;
}

/** What it is made of; a question may take `deadlineMs`, by default 400. */
export interface QueueContentsOptions<C extends JobCatalogue> extends GuardedQueueOptions {
  readonly catalogue: C;
}

const pageSize = 1000;

/** Connects with the first question. */
export function createQueueContents<C extends JobCatalogue>(
  options: QueueContentsOptions<C>,
): QueueContents<C> {
  const { queue: name, catalogue, deadlineMs = 400 } = options;
  const queue = createGuardedQueue({ ...options, deadlineMs });
  const run: typeof queue.run = (...question) => withoutRedisBudget(() => queue.run(...question));

  return {
    list: (limit) =>
      run("queue.list", name, async (bull) => {
        const lists = await Promise.all([
          readIds(bull, "waiting", limit),
          readIds(bull, "prioritized", limit),
          readIds(bull, "delayed", limit),
        ]);
        const active = await readIds(bull, "active", limit);
        const pending = lists.flat();
        return { pending, active, isAll: [...lists, active].every((ids) => ids.length < limit) };
      }),
    async addMany(job, jobs) {
      const checked = jobs.map(({ id, data, priority }) => {
        assertJobId(id);
        const opts = { jobId: id, ...(priority === undefined ? {} : { priority }) };
        return { name: job, data: parseJobData(catalogue, job, data), opts };
      });
      return run("queue.add-many", name, async (bull) => {
        await bull.addBulk(checked);
      });
    },
    removeMany: (ids) =>
      run("queue.remove-many", name, async (bull) => {
        const removed = await Promise.all(ids.map((id) => bull.remove(id)));
        return removed.filter((count) => count > 0).length;
      }),
    close: () => queue.close(),
  };
}

type ListedState = "waiting" | "prioritized" | "delayed" | "active";

async function readIds(bull: Queue, state: ListedState, limit: number): Promise<string[]> {
  const ids: string[] = [];
  while (ids.length < limit) {
    const end = Math.min(ids.length + pageSize, limit) - 1;
    const page = await bull.getRanges([state], ids.length, end, true);
    ids.push(...page);
    if (page.length < pageSize) break;
  }
  return ids;
}
