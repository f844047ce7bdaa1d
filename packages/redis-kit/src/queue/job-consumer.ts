import { sleep } from "../degradation/deadline";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { describeError } from "../errors";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { isJobName, parseJobData } from "./job-catalogue";
import type { JobCatalogue, JobData, JobName } from "./job-catalogue";
import { attachWorker } from "./queue-worker";
import type { AttachedWorker } from "./queue-worker";

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

/** After its time is up a handler gets this long to notice the abort; milliseconds. */
const abortGraceMs = 1000;

/** BullMQ's lock only delivers: whoever takes a job has to claim its row, and drop it if it can't. */
export function createJobConsumer<C extends JobCatalogue>(options: JobConsumerOptions<C>): JobConsumer {
  const { role, queue, catalogue, handlers, logger = noLogger } = options;
  const running = new Map<Promise<void>, AbortController>();
  let worker: AttachedWorker | undefined;
  let detachHealth: (() => void) | undefined;
  let paused = false;
  let closed = false;
  let lastActivityAt: number | undefined;

  const noteActivity = () => {
    lastActivityAt = Date.now();
  };

  async function handle(name: string, jobId: string, data: unknown): Promise<void> {
    noteActivity();
    if (!isJobName(catalogue, name)) throw new Error(`no handler for a job named ${JSON.stringify(name)}`);
    const controller = new AbortController();
    const work = handlers[name](parseJobData(catalogue, name, data), { jobId, signal: controller.signal });
    running.set(work, controller);
    try {
      await work;
    } catch (error) {
      logger.error("a job failed", { queue, job: name, jobId, error: describeError(error) });
      throw error;
    } finally {
      running.delete(work);
      noteActivity();
    }
  }

  /** Constructed only when Redis answers: a worker made before that would wait in the dark. */
  function attach(): void {
    if (closed || worker !== undefined || role.health.status().mode === "degraded") return;
    worker = attachWorker({ ...options, logger, handle, onPoll: noteActivity });
    if (paused) void worker.pause();
  }

  async function settle(timeoutMs: number): Promise<boolean> {
    const all = Promise.allSettled(running.keys());
    return Promise.race([all.then(() => true), sleep(timeoutMs).then(() => false)]);
  }

  return {
    start() {
      detachHealth ??= role.health.onChange(attach);
      attach();
    },
    async pause() {
      paused = true;
      await worker?.pause();
    },
    resume() {
      paused = false;
      worker?.resume();
    },
    running: () => running.size,
    lastActivityAt: () => lastActivityAt,
    async close({ timeoutMs }) {
      if (closed) return;
      closed = true;
      detachHealth?.();
      await worker?.pause();
      if (!(await settle(timeoutMs))) {
        for (const controller of running.values()) controller.abort(new Error("the consumer is closing"));
        await settle(abortGraceMs);
      }
      await worker?.close();
    },
  };
}
