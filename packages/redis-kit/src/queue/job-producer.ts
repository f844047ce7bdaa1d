import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import type { Guarded } from "../outcome";
import { createGuardedQueue } from "./guarded-queue";
import type { GuardedQueueOptions } from "./guarded-queue";
import { parseJobData } from "./job-catalogue";
import type { JobCatalogue, JobData, JobName } from "./job-catalogue";
import { readCounts } from "./job-counts";
import type { JobCounts } from "./job-counts";
import { assertJobId } from "./job-id";

/** What a producer is made of; an add may take `deadlineMs`, by default 500. */
export interface JobProducerOptions<C extends JobCatalogue> extends GuardedQueueOptions {
  readonly catalogue: C;
  readonly metrics?: KitMetrics;
}

/** How a job is handed over. */
export interface AddJobOptions {
  /** no ":" and not digits only; a second add with the same id within the hour changes nothing */
  readonly id: string;
  /** 1 is first */
  readonly priority?: number;
}

/** Hands jobs to Redis. An add that timed out may still arrive: the job's row decides, not the queue. */
export interface JobProducer<C extends JobCatalogue> {
  /** Never rejects for Redis' sake and never takes longer than the deadline. @throws {RangeError} on an id BullMQ can't hold @throws {ZodError} on data that isn't the job's */
  add<N extends JobName<C>>(name: N, data: JobData<C, N>, options: AddJobOptions): Promise<Guarded<void>>;
  counts(): Promise<Guarded<JobCounts>>;
  close(): Promise<void>;
}

/** Connects with the first add. */
export function createJobProducer<C extends JobCatalogue>(options: JobProducerOptions<C>): JobProducer<C> {
  const { queue: name, catalogue, metrics = noMetrics } = options;
  const queue = createGuardedQueue(options);
  return {
    async add(job, data, { id, priority }) {
      assertJobId(id);
      const checked = parseJobData(catalogue, job, data);
      const added = await queue.run("queue.add", id, async (bull) => {
        await bull.add(job, checked, { jobId: id, ...(priority === undefined ? {} : { priority }) });
      });
      const outcome = added.kind === "ok" ? "ok" : added.fault.code;
      metrics.count("redis_queue_adds_total", { queue: name, job, outcome });
      return added;
    },
    counts: () => queue.run("queue.counts", name, readCounts),
    close: () => queue.close(),
  };
}
