import { sleep } from "../degradation/deadline";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { describeError } from "../errors";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
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
  readonly metrics?: KitMetrics;
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
   * Does it really consume: has it asked for a job within `withinMs` (default 30,000; an idle one asks every
   * 5 s), or is it full? That a PING is answered says nothing about it.
   */
  isConsuming(withinMs?: number): boolean;
  /**
   * Takes no more jobs and waits up to `timeoutMs` for the running ones; then aborts their signals, waits
   * one more second and lets go. Never hangs and never rejects.
   */
  close(options: { readonly timeoutMs: number }): Promise<void>;
}

/** After its time is up a handler gets this long to notice the abort; milliseconds. */
const abortGraceMs = 1000;
/**
 * A worker that asks for no job for so long, while Redis is well and it runs none, is replaced; milliseconds.
 * More than a dead connection takes to be found out.
 */
const replaceSilentAfterMs = 45_000;
const lookForSilenceEveryMs = 5000;

/** BullMQ's lock only delivers: whoever takes a job has to claim its row, and drop it if it can't. */
export function createJobConsumer<C extends JobCatalogue>(options: JobConsumerOptions<C>): JobConsumer {
  const { role, queue, catalogue, handlers, logger = noLogger, metrics = noMetrics } = options;
  const running = new Map<Promise<void>, AbortController>();
  let worker: AttachedWorker | undefined;
  let detachHealth: (() => void) | undefined;
  let watchdog: NodeJS.Timeout | undefined;
  let attachedAt = 0;
  let paused = false;
  let closed = false;
  let lastActivityAt: number | undefined;

  const noteActivity = () => {
    lastActivityAt = Date.now();
  };

  async function runHandler(name: string, data: unknown, context: JobContext): Promise<void> {
    if (!isJobName(catalogue, name)) throw new Error(`no handler for a job named ${JSON.stringify(name)}`);
    await handlers[name](parseJobData(catalogue, name, data), context);
  }

  async function handle(name: string, jobId: string, data: unknown): Promise<void> {
    noteActivity();
    const startedAt = performance.now();
    const controller = new AbortController();
    const work = runHandler(name, data, { jobId, signal: controller.signal });
    running.set(work, controller);
    metrics.set("redis_queue_running", { queue }, running.size);
    let outcome = "completed";
    try {
      await work;
    } catch (error) {
      outcome = "failed";
      logger.error("a job failed", { queue, job: name, jobId, error: describeError(error) });
      throw error;
    } finally {
      running.delete(work);
      noteActivity();
      const labels = { queue, job: isJobName(catalogue, name) ? name : "unknown", outcome };
      metrics.set("redis_queue_running", { queue }, running.size);
      metrics.count("redis_queue_jobs_total", labels);
      metrics.observe("redis_queue_job_duration_seconds", labels, (performance.now() - startedAt) / 1000);
    }
  }

  /** Constructed only when Redis answers: a worker made before that would wait in the dark. */
  function attach(): void {
    if (closed || worker !== undefined || role.health.status().mode === "degraded") return;
    attachedAt = Date.now();
    worker = attachWorker({
      ...options,
      logger,
      knows: (name) => isJobName(catalogue, name),
      handle,
      onPoll: noteActivity,
      onStalled() {
        metrics.count("redis_queue_jobs_total", { queue, job: "unknown", outcome: "stalled" });
      },
    });
    if (paused) void worker.pause();
  }

  /** Normally BullMQ takes up again by itself; where it doesn't, only a new worker helps. */
  function replaceIfSilent(): void {
    const { mode, since } = role.health.status();
    if (worker === undefined || paused || closed || running.size > 0 || mode !== "normal") return;
    const silentSince = Math.max(attachedAt, lastActivityAt ?? 0, since.getTime());
    if (Date.now() - silentSince <= replaceSilentAfterMs) return;
    logger.warn("a queue worker asks for no jobs and is replaced", { queue });
    void worker.close();
    worker = undefined;
    attach();
  }

  async function settle(timeoutMs: number): Promise<boolean> {
    const all = Promise.allSettled(running.keys());
    return Promise.race([all.then(() => true), sleep(timeoutMs).then(() => false)]);
  }

  return {
    start() {
      detachHealth ??= role.health.onChange(attach);
      watchdog ??= setInterval(replaceIfSilent, lookForSilenceEveryMs).unref();
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
    isConsuming(withinMs = 30_000) {
      if (worker === undefined || paused || closed) return false;
      const isRecent = lastActivityAt !== undefined && Date.now() - lastActivityAt <= withinMs;
      return isRecent || running.size >= options.concurrency;
    },
    async close({ timeoutMs }) {
      if (closed) return;
      closed = true;
      clearInterval(watchdog);
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
