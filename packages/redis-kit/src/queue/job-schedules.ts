import type { JobSchedulerJson, Queue } from "bullmq";
import { withoutRedisBudget } from "../degradation/budget";
import { describeError } from "../errors";
import { noLogger } from "../logger";
import type { Guarded } from "../outcome";
import { createGuardedQueue } from "./guarded-queue";
import type { GuardedQueueOptions } from "./guarded-queue";
import { parseJobData } from "./job-catalogue";
import type { JobCatalogue, JobData, JobName } from "./job-catalogue";
import { assertJobId } from "./job-id";

/** When a job is repeated: every so many milliseconds (1000 or more), or by a cron pattern (default: UTC). */
export type Recurrence = { readonly everyMs: number } | { readonly cron: string; readonly timeZone?: string };

/** A job that comes again and again: one job each time, however many processes keep the schedule. */
export type JobSchedule<C extends JobCatalogue> = {
  [N in JobName<C>]: {
    /** as a job's id; a schedule of the same id replaces this one */
    readonly id: string;
    readonly job: N;
    readonly data: JobData<C, N>;
    readonly when: Recurrence;
  };
}[JobName<C>];

/** A schedule as it stands in Redis. */
export interface StandingSchedule {
  readonly id: string;
  readonly job: string;
  readonly everyMs?: number;
  readonly cron?: string;
  readonly nextAt?: Date;
}

/** What schedules are made of; a question may take `deadlineMs`, by default 2000. */
export interface JobSchedulesOptions<C extends JobCatalogue> extends GuardedQueueOptions {
  readonly catalogue: C;
}

/** Repeated work. Redis only gives the beat: what must not be left out needs a row that says when it was done. */
export interface JobSchedules<C extends JobCatalogue> {
  /** A schedule that stands already keeps its beat. @throws {ZodError | RangeError} on data or an id that can't be */
  upsert(schedule: JobSchedule<C>): Promise<Guarded<void>>;
  /** @returns false: there was none */
  remove(id: string): Promise<Guarded<boolean>>;
  list(): Promise<Guarded<readonly StandingSchedule[]>>;
  /**
   * Sees to it that these stand: now, whenever Redis comes back, and every `checkMs` (default 60,000), since
   * a flush takes them without a word. Ends with `close`. @throws as `upsert`
   */
  keep(schedules: readonly JobSchedule<C>[], checkMs?: number): void;
  close(): Promise<void>;
}

/** Past its time by more than this a schedule has lost its next job; milliseconds. */
const overdueMs = 60_000;

/** Connects with the first question. */
export function createJobSchedules<C extends JobCatalogue>(options: JobSchedulesOptions<C>): JobSchedules<C> {
  const { role, queue: name, catalogue, deadlineMs = 2000, logger = noLogger } = options;
  const queue = createGuardedQueue({ ...options, deadlineMs });
  const endings = new Set<() => void>();

  function check({ id, job, data, when }: JobSchedule<C>): JobData<C, JobName<C>> {
    assertJobId(id);
    if ("everyMs" in when && !(Number.isInteger(when.everyMs) && when.everyMs >= 1000)) {
      throw new RangeError(`the schedule ${id} can't come every ${when.everyMs} ms`);
    }
    return parseJobData(catalogue, job, data);
  }

  function upsert(schedule: JobSchedule<C>): Promise<Guarded<void>> {
    const data = check(schedule);
    return queue.run("queue.schedule", schedule.id, async (bull: Queue) => {
      const standing = await bull.getJobScheduler(schedule.id);
      // It keeps its beat, and a process that only looks writes nothing.
      if (standing !== undefined && stands(standing, { ...schedule, data })) return;
      await bull.upsertJobScheduler(schedule.id, toRepeat(schedule.when), { name: schedule.job, data });
    });
  }

  return {
    async upsert(schedule) {
      return upsert(schedule);
    },
    remove: (id) => queue.run("queue.unschedule", id, (bull) => bull.removeJobScheduler(id)),
    list: () =>
      queue.run("queue.schedules", name, async (bull) =>
        (await bull.getJobSchedulers(0, 999, true)).map(describe),
      ),
    keep(schedules, checkMs = 60_000) {
      schedules.forEach(check);
      const keepAll = async () => {
        if (role.health.status().mode === "degraded") return;
        for (const schedule of schedules) {
          const kept = await upsert(schedule);
          if (kept.kind === "ok") continue;
          const error = describeError(kept.fault);
          logger.warn("a schedule could not be kept", { queue: name, schedule: schedule.id, error });
        }
      };
      const timer = setInterval(() => void keepAll(), checkMs).unref();
      // It may be a request that finds Redis back; that is not who pays.
      const unsubscribe = role.health.onChange(() => void withoutRedisBudget(keepAll));
      endings.add(() => {
        clearInterval(timer);
        unsubscribe();
      });
      void keepAll();
    },
    close() {
      for (const end of endings) end();
      endings.clear();
      return queue.close();
    },
  };
}

function toRepeat(when: Recurrence): { every: number } | { pattern: string; tz: string } {
  return "everyMs" in when ? { every: when.everyMs } : { pattern: when.cron, tz: when.timeZone ?? "UTC" };
}

function stands(
  standing: JobSchedulerJson,
  { job, data, when }: { job: string; data: unknown; when: Recurrence },
): boolean {
  const { every, pattern, tz } = { every: undefined, pattern: undefined, tz: undefined, ...toRepeat(when) };
  const isAlive = standing.next === undefined || standing.next > Date.now() - overdueMs;
  const sameBeat = standing.every === every && standing.pattern === pattern && standing.tz === tz;
  const sameJob = standing.name === job && JSON.stringify(standing.template?.data) === JSON.stringify(data);
  return isAlive && sameBeat && sameJob;
}

function describe({ key, name, every, pattern, next }: JobSchedulerJson): StandingSchedule {
  return {
    id: key,
    job: name,
    ...(every === undefined ? {} : { everyMs: every }),
    ...(pattern === undefined ? {} : { cron: pattern }),
    ...(next === undefined ? {} : { nextAt: new Date(next) }),
  };
}
