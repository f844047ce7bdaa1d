import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { JobCatalogue, JobData, JobName } from "./job-catalogue";

/** What a handler gets beside the data. */
export interface JobContext {
  readonly jobId: string;
  /** aborted when the consumer closes and its time is up */
  readonly signal: AbortSignal;
}

/** One handler per job of the catalogue; a rejection marks the job failed. */
export type JobHandlers<C extends JobCatalogue> = {
  readonly [N in JobName<C>]: (data: JobData<C, N>, context: JobContext) => Promise<void>;
};

/** What a consumer is made of. */
export interface JobConsumerOptions<C extends JobCatalogue> {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly queue: string;
  readonly catalogue: C;
  readonly handlers: JobHandlers<C>;
  /** jobs at a time in this process */
  readonly concurrency: number;
  /** milliseconds without a sign of life after which another consumer gets the job; default 10,000 */
  readonly lockDurationMs?: number;
  readonly logger?: KitLogger;
}

/** Takes jobs as long as Redis is there, and takes up again when it comes back. */
export interface JobConsumer {
  /** Returns at once; attaches as soon as Redis can be reached. */
  start(): void;
  /** Stops taking jobs; running ones go on. */
  pause(): Promise<void>;
  resume(): void;
  /** Jobs whose handler runs right now. */
  running(): number;
  /** When it last took a job or heard from the queue, milliseconds since 1970; undefined before the first time. */
  lastActivityAt(): number | undefined;
  /**
   * Takes no more jobs and waits up to `timeoutMs` for the running ones; then aborts their signals, waits
   * one more second and lets go. Never hangs and never rejects.
   */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

export function createJobConsumer<C extends JobCatalogue>(options: JobConsumerOptions<C>): JobConsumer {
  throw new Error(`not yet ${options.queue}`);
}
