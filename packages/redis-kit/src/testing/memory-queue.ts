import { RedisFault } from "../errors";
import { ok } from "../outcome";
import { isJobName, parseJobData } from "../queue/job-catalogue";
import type { JobCatalogue } from "../queue/job-catalogue";
import type { JobConsumer, JobHandlers } from "../queue/job-consumer";
import { assertJobId } from "../queue/job-id";
import type { JobProducer } from "../queue/job-producer";

/** A queue in memory: one producer and any number of consumers. */
export interface MemoryQueue<C extends JobCatalogue> {
  readonly producer: JobProducer<C>;
  createConsumer(handlers: JobHandlers<C>, concurrency: number): JobConsumer;
  /** While away, adding is `unavailable` and nobody is given a job. */
  setAway(away: boolean): void;
}

interface Job {
  readonly id: string;
  readonly name: string;
  readonly data: unknown;
  readonly priority: number;
}

/** Jobs in the order of priority (0, none given, first), then age, as BullMQ hands them out. */
export function createMemoryQueue<C extends JobCatalogue>(catalogue: C): MemoryQueue<C> {
  const waiting: Job[] = [];
  const known = new Set<string>();
  const consumers = new Set<() => void>();
  const counts = { active: 0, completed: 0, failed: 0 };
  let isAway = false;

  const wakeAll = () => {
    for (const wake of consumers) wake();
  };
  const unreachable = () =>
    ({ kind: "unavailable", fault: new RedisFault("unreachable", "the queue is away") }) as const;

  const producer: JobProducer<C> = {
    async add(name, data, { id, priority = 0 }) {
      assertJobId(id);
      const checked = parseJobData(catalogue, name, data);
      await Promise.resolve();
      if (isAway) return unreachable();
      if (!known.has(id)) {
        known.add(id);
        waiting.push({ id, name, data: JSON.parse(JSON.stringify(checked)), priority });
        waiting.sort((a, b) => a.priority - b.priority);
        queueMicrotask(wakeAll);
      }
      return ok(undefined);
    },
    counts: () =>
      Promise.resolve(isAway ? unreachable() : ok({ waiting: waiting.length, delayed: 0, ...counts })),
    close: () => Promise.resolve(),
  };

  function createConsumer(handlers: JobHandlers<C>, concurrency: number): JobConsumer {
    const running = new Map<Promise<void>, AbortController>();
    let accepting = false;
    let lastActivityAt: number | undefined;

    async function work(job: Job, signal: AbortSignal): Promise<void> {
      counts.active += 1;
      try {
        if (!isJobName(catalogue, job.name)) throw new Error(`no handler for ${job.name}`);
        await handlers[job.name](parseJobData(catalogue, job.name, job.data), { jobId: job.id, signal });
        counts.completed += 1;
      } catch {
        counts.failed += 1;
      } finally {
        counts.active -= 1;
      }
    }

    function take(): void {
      while (accepting && !isAway && running.size < concurrency) {
        lastActivityAt = Date.now();
        const job = waiting.shift();
        if (job === undefined) return;
        const controller = new AbortController();
        const done = work(job, controller.signal).finally(() => {
          running.delete(done);
          take();
        });
        running.set(done, controller);
      }
    }

    function wait(ms: number): Promise<boolean> {
      const all = Promise.allSettled(running.keys()).then(() => true);
      const time = new Promise<boolean>((resolve) => setTimeout(resolve, ms, false).unref());
      return Promise.race([all, time]);
    }

    consumers.add(take);
    return {
      start() {
        accepting = true;
        take();
      },
      pause() {
        accepting = false;
        return Promise.resolve();
      },
      resume() {
        accepting = true;
        take();
      },
      running: () => running.size,
      lastActivityAt: () => lastActivityAt,
      isConsuming: () => accepting && (!isAway || running.size >= concurrency),
      async close({ timeoutMs }) {
        accepting = false;
        consumers.delete(take);
        if (await wait(timeoutMs)) return;
        for (const controller of running.values()) controller.abort(new Error("the consumer is closing"));
        await wait(1000);
      },
    };
  }

  return {
    producer,
    createConsumer,
    setAway(away) {
      isAway = away;
      if (!away) wakeAll();
    },
  };
}
