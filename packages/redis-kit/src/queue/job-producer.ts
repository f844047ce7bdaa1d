import type { Queue } from "bullmq";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { RedisFault } from "../errors";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import type { Guarded } from "../outcome";
import { parseJobData } from "./job-catalogue";
import type { JobCatalogue, JobData, JobName } from "./job-catalogue";
import { assertJobId } from "./job-id";
import { createLazyQueue } from "./lazy-queue";

/** What a producer is made of. */
export interface JobProducerOptions<C extends JobCatalogue> {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** the queue's name, as in "generation" */
  readonly queue: string;
  readonly catalogue: C;
  /** milliseconds an add may take; default 500 */
  readonly deadlineMs?: number;
  readonly logger?: KitLogger;
}

/** How a job is handed over. */
export interface AddJobOptions {
  /** no ":" and not digits only; a second add with the same id within the hour changes nothing */
  readonly id: string;
  /** 1 is first */
  readonly priority?: number;
}

/** Jobs by state. */
export interface JobCounts {
  /** waiting, prioritized ones included */
  readonly waiting: number;
  readonly active: number;
  readonly delayed: number;
  readonly completed: number;
  readonly failed: number;
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
  const { role, queue: name, catalogue, deadlineMs = 500, logger = noLogger } = options;
  const queue = createLazyQueue(name, { ...options, logger });

  /**
   * The queue has a connection of its own. While that one is being made anew the role may be well, so it
   * is waited for here, where failing doesn't count against the role.
   */
  async function run<T>(
    operation: string,
    key: string,
    ask: (bull: Queue) => Promise<T>,
  ): Promise<Guarded<T>> {
    const startedAt = performance.now();
    const connected = role.health.status().mode === "degraded" || (await queue.connect(deadlineMs));
    if (!connected) {
      return {
        kind: "unavailable",
        fault: new RedisFault("unreachable", "the queue's connection is not there yet"),
      };
    }
    const leftMs = Math.max(50, deadlineMs - (performance.now() - startedAt));
    return role.guard.run({ name: operation, deadlineMs: Math.round(leftMs) }, key, async () =>
      ask(await queue.open()),
    );
  }

  return {
    async add(job, data, { id, priority }) {
      assertJobId(id);
      const checked = parseJobData(catalogue, job, data);
      return run("queue.add", id, async (bull) => {
        await bull.add(job, checked, { jobId: id, ...(priority === undefined ? {} : { priority }) });
      });
    },

    counts: () =>
      run("queue.counts", name, async (bull) => {
        const counts = await bull.getJobCounts(
          "wait",
          "prioritized",
          "active",
          "delayed",
          "completed",
          "failed",
        );
        return {
          waiting: (counts["wait"] ?? 0) + (counts["prioritized"] ?? 0),
          active: counts["active"] ?? 0,
          delayed: counts["delayed"] ?? 0,
          completed: counts["completed"] ?? 0,
          failed: counts["failed"] ?? 0,
        };
      }),

    close: () => queue.close(),
  };
}
