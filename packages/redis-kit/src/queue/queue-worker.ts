import { DelayedError, RedisQueueBackend, WaitingError, Worker, createRedisBackend } from "bullmq";
import type { BackendFactory } from "bullmq";
import { closeWithCopies } from "../connection/role-clients";
import type { RedisRole } from "../connection/redis-role";
import { withDeadline } from "../degradation/deadline";
import { describeError } from "../errors";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";

/** How long BullMQ may take to say goodbye before its connections are cut; milliseconds. */
const farewellMs = 1500;

/** A job that this version doesn't know is offered again after this time, to whoever does; milliseconds. */
const unknownAgainMs = 1000;

/** What a worker is attached with. */
export interface AttachWorkerOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly queue: string;
  readonly concurrency: number;
  /** default 10,000 ms */
  readonly lockDurationMs?: number;
  readonly logger: KitLogger;
  /** What isn't known here is left to newer processes. */
  knows(name: string): boolean;
  /** Rejecting marks the job failed. */
  handle(name: string, jobId: string, data: unknown): Promise<void>;
  /** The queue has answered whether there is a job. */
  onPoll(): void;
  /** A job was found whose worker is silent. */
  onStalled(): void;
}

/** A worker whose close got stuck on a dead Redis would go on renewing locks, and keep the process alive. */
class ReleasableWorker extends Worker {
  release(): Promise<void> {
    return this.lockManager.close();
  }
}

/** A BullMQ worker on a connection of its own. Nothing here rejects. */
export interface AttachedWorker {
  pause(): Promise<void>;
  resume(): void;
  /** Lets BullMQ finish what its handlers have finished, at most 1.5 s, then cuts the connections. */
  close(): Promise<void>;
}

/** Starts taking jobs; after an outage BullMQ takes up again by itself. */
export function attachWorker(options: AttachWorkerOptions): AttachedWorker {
  const { role, keys, queue, concurrency, lockDurationMs = 10_000, logger } = options;
  const client = role.createBlockingClient();
  let accepting = true;

  const worker = new ReleasableWorker(
    keys.queueName(queue),
    async (job, token) => {
      if (!accepting) {
        // Its wait for a job was under way when it was paused: hand the job on to somebody else.
        await job.moveToWait(token);
        throw new WaitingError();
      }
      if (!options.knows(job.name)) {
        logger.warn("a job of a kind that is unknown here is left to others", { queue, job: job.name });
        await job.moveToDelayed(Date.now() + unknownAgainMs, token);
        throw new DelayedError();
      }
      await options.handle(job.name, job.id ?? "", job.data);
    },
    {
      connection: client,
      prefix: keys.queuePrefix,
      concurrency,
      lockDuration: lockDurationMs,
      stalledInterval: Math.max(1000, lockDurationMs / 2),
      // The job's row counts attempts; failing it here as well would only hide it.
      maxStalledCount: 1000,
      // The default of 15 s is how long it would look away after one failed fetch.
      runRetryDelay: 1000,
      skipVersionCheck: true,
    },
    notePolls(() => {
      options.onPoll();
    }),
  );
  worker.on("error", (error) => {
    logger.debug("queue worker error", { queue, error: describeError(error) });
  });
  worker.on("stalled", (jobId) => {
    logger.warn("a job was taken from a silent worker", { queue, jobId });
    options.onStalled();
  });

  return {
    async pause() {
      accepting = false;
      await worker.pause(true).catch(() => undefined);
    },
    resume() {
      accepting = true;
      void worker.resume();
    },
    async close() {
      accepting = false;
      await withDeadline(worker.close(), farewellMs).catch(() => undefined);
      closeWithCopies(client);
      await worker.release();
    },
  };
}

/** Only the question for a job counts as hearing from the queue: waiting for one also ends by a time-out. */
function notePolls(onPoll: () => void): BackendFactory<RedisQueueBackend> {
  return (name, opts, options) => {
    const backend = createRedisBackend(name, opts, options);
    backend.moveToActive = async (token, workerName) => {
      const answer: unknown[] = await RedisQueueBackend.prototype.moveToActive.call(
        backend,
        token,
        workerName,
      );
      onPoll();
      return answer;
    };
    return backend;
  };
}
