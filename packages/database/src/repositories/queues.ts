import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { DeadLetter, QueueView, WorkQueueName } from "@vibe-friend/contracts/queue-admin";
import type { Sql } from "../sql";
import { createAuditLog, type AuditEntry } from "./audit-log";
import type { GenerationChange } from "./generation-records";
import { retryFailedArchives, retryFailedGenerations } from "./retry-failed";

/** Who orders it, for the audit log. */
export type QueueOrderBy = Omit<AuditEntry, "action" | "target" | "details">;

export interface RetriedJobs {
  /** Publish their events and hand them over. */
  readonly generations: readonly GenerationChange[];
  /** Ids of the generations whose archives are queued again. */
  readonly archives: readonly string[];
  /** failed ones that are left */
  readonly left: number;
}

/** What the rows say of the queues, and what people do with them. Each change is one with its audit entry. */
export interface Queues {
  view(name: WorkQueueName): Promise<Omit<QueueView, "deliveries">>;
  /** Nothing is claimed from then on; what runs goes on. A second time changes nothing. */
  setPaused(name: WorkQueueName, isPaused: boolean, by: QueueOrderBy): Promise<void>;
  /** Queues up to `limit` failed ones again, the earliest first, as their owners would; no limit of theirs counts. */
  retryFailed(name: WorkQueueName, limit: number, by: QueueOrderBy): Promise<RetriedJobs>;
  /** How many wait, over all people; counted up to `most`. */
  countQueued(most: number): Promise<number>;
}

interface Source {
  readonly table: string;
  readonly id: string;
  readonly running: string;
  /** SQL: since when it could have run. */
  readonly since: string;
  /** SQL: waits for its next try. */
  readonly isDelayed: string;
  /** SQL: the one whose job it is; `j` is the job. */
  readonly owner: string;
}

const sources: Record<WorkQueueName, Source> = {
  generation: {
    table: "generations",
    id: "id",
    running: "running",
    since: "greatest(j.queued_at, coalesce(j.run_after, j.queued_at))",
    isDelayed: "coalesce(j.run_after > now(), false)",
    owner: "j.user_id",
  },
  archive: {
    table: "archives",
    id: "generation_id",
    running: "building",
    since: "j.queued_at",
    isDelayed: "false",
    owner: "(select g.user_id from generations g where g.id = j.generation_id)",
  },
};

const SHOWN_FAILED = 20;

export function createQueues(sql: Sql): Queues {
  return {
    view: (name) => readView(sql, name),
    setPaused: (name, isPaused, by) =>
      sql.transaction(async (tx) => {
        const changed = await tx.query(
          `insert into queues as q (name, paused_at, paused_by)
           values ($1, case when $2 then now() end, case when $2 then $3::uuid end)
           on conflict (name) do update set paused_at = excluded.paused_at, paused_by = excluded.paused_by
           where (q.paused_at is not null) <> $2
           returning name`,
          [name, isPaused, by.userId],
        );
        if (changed.length === 0) return;
        const action = isPaused ? "queue.paused" : "queue.resumed";
        await createAuditLog(tx).append({ ...by, action, target: name });
      }),
    retryFailed: (name, limit, by) =>
      sql.transaction(async (tx) => {
        const generations = name === "generation" ? await retryFailedGenerations(tx, limit) : [];
        const archives = name === "archive" ? await retryFailedArchives(tx, limit) : [];
        const retried = generations.length + archives.length;
        if (retried > 0) {
          const details = { retried };
          await createAuditLog(tx).append({ ...by, action: "queue.failed_retried", target: name, details });
        }
        return { generations, archives, left: await countFailed(tx, name) };
      }),
    async countQueued(most) {
      const [row] = await sql.query<{ count: number }>(
        "select count(*)::int as count from (select from generations where status = 'queued' limit $1) q",
        [most],
      );
      return row?.count ?? 0;
    },
  };
}

async function countFailed(sql: Sql, name: WorkQueueName): Promise<number> {
  const [row] = await sql.query<{ failed: number }>(
    `select count(*)::int as failed from ${sources[name].table} where status = 'failed'`,
  );
  return row?.failed ?? 0;
}

interface ViewRow {
  readonly paused_at: Date | null;
  readonly queued: number;
  readonly delayed: number;
  readonly running: number;
  readonly oldest_ms: number | null;
}

interface FailedRow {
  readonly id: string;
  readonly user_id: string;
  readonly attempt: number;
  readonly error: GenerationProblem | null;
  readonly failed_at: Date;
}

async function readView(sql: Sql, name: WorkQueueName): Promise<Omit<QueueView, "deliveries">> {
  const { table, id, running, since, isDelayed, owner } = sources[name];
  const [[row], failed, failedCount] = await Promise.all([
    sql.query<ViewRow>(
      `select (select paused_at from queues where name = $1) as paused_at,
         count(*) filter (where j.status = 'queued')::int as queued,
         count(*) filter (where j.status = 'queued' and ${isDelayed})::int as delayed,
         count(*) filter (where j.status = '${running}')::int as running,
         (extract(epoch from now() - min(${since}) filter (where j.status = 'queued' and not ${isDelayed}))
           * 1000)::float8 as oldest_ms
       from ${table} j where j.status in ('queued', '${running}')`,
      [name],
    ),
    sql.query<FailedRow>(
      `select j.${id} as id, ${owner} as user_id, j.attempt, j.error, j.finished_at as failed_at
       from ${table} j where j.status = 'failed' and j.finished_at is not null
       order by j.finished_at desc, j.${id} desc limit ${SHOWN_FAILED}`,
    ),
    countFailed(sql, name),
  ]);
  const { paused_at: pausedAt, queued = 0, delayed = 0, oldest_ms: oldestMs } = row ?? {};
  return {
    name,
    pausedAt: pausedAt?.toISOString() ?? null,
    counts: { queued, delayed, running: row?.running ?? 0, failed: failedCount },
    oldestWaitingMs: typeof oldestMs === "number" ? Math.max(0, Math.round(oldestMs)) : null,
    failed: failed.map(toDeadLetter),
  };
}

function toDeadLetter(row: FailedRow): DeadLetter {
  return {
    id: row.id,
    userId: row.user_id,
    attempt: row.attempt,
    error: row.error,
    failedAt: row.failed_at.toISOString(),
  };
}
