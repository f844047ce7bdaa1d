import type { Database } from "../data-source";
import type { Sql } from "../sql";
import { isOpen, isWaiting } from "./pick-waiting";

/** A row that waits although the queue doesn't hold it. */
export interface ForgottenRow {
  readonly id: string;
  readonly priority: number;
  readonly lastSeq: number;
}

/** What the rows say about dispatching, all processes together. */
export interface DispatchFigures {
  readonly queued: number;
  readonly running: number;
  /** how long the oldest that could run has waited; 0 when none does */
  readonly oldestWaitingSeconds: number;
  /** accepted today and yesterday, and neither there nor deleted; anything but 0 is a loss */
  readonly unaccounted: number;
}

/** What keeps queue and rows together. */
export interface Dispatch {
  /**
   * Does the work while no other process does it; within one call's deadline, as it lasts one transaction.
   *
   * @returns undefined: another process is at it
   */
  inTurn<T>(work: () => Promise<T>): Promise<T | undefined>;
  /**
   * Compares what the queue holds with the rows.
   *
   * @param held ids of generations
   * @returns rows that have waited so long and are not held (none while the queue is paused, none that it
   * brought in vain), and those held that don't wait any more
   */
  compare(
    held: readonly string[],
    options: { readonly waitedMs: number; readonly limit: number },
  ): Promise<{ readonly forgotten: readonly ForgottenRow[]; readonly stale: readonly string[] }>;
  figures(): Promise<DispatchFigures>;
}

export function createDispatch(database: Database): Dispatch {
  return {
    inTurn: (work) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query<{ mine: boolean }>(
          "select pg_try_advisory_xact_lock(hashtextextended('reconcile', 0)) as mine",
        );
        return row?.mine === true ? work() : undefined;
      }),
    async compare(held, { waitedMs, limit }) {
      const [forgotten, stale] = await Promise.all([
        findForgotten(database, held, [waitedMs, limit]),
        findStale(database, held, limit),
      ]);
      return { forgotten, stale };
    },
    figures: () => readFigures(database),
  };
}

/** SQL: since when it could have run. */
const waitingSince = "greatest(g.queued_at, coalesce(g.run_after, g.queued_at))";

async function findForgotten(
  sql: Sql,
  held: readonly string[],
  [waitedMs, limit]: readonly [number, number],
): Promise<ForgottenRow[]> {
  const rows = await sql.query<{ id: string; priority: number; last_seq: number }>(
    `select g.id, g.priority, g.last_seq
     from generations g left join unnest($1::uuid[]) as h (id) on h.id = g.id
     where ${isWaiting} and ${isOpen} and not g.deferred and h.id is null
       and ${waitingSince} <= now() - $2 * interval '1 ms'
     order by g.priority, g.created_at, g.id limit $3`,
    [held, waitedMs, limit],
  );
  return rows.map((row) => ({ id: row.id, priority: row.priority, lastSeq: row.last_seq }));
}

async function findStale(sql: Sql, held: readonly string[], limit: number): Promise<string[]> {
  if (held.length === 0) return [];
  const rows = await sql.query<{ id: string }>(
    `select h.id from unnest($1::uuid[]) as h (id) left join generations g on g.id = h.id
     where g.id is null or g.status <> 'queued' limit $2`,
    [held, limit],
  );
  return rows.map((row) => row.id);
}

/** A submission's row and its being counted are of one transaction, so both are of the same day (UTC). */
async function readFigures(sql: Sql): Promise<DispatchFigures> {
  const [row] = await sql.query<{ queued: number; running: number; oldest: number; unaccounted: number }>(
    `with since as (select (now() at time zone 'utc')::date - 1 as day)
     select
       (select count(*)::int from generations where status = 'queued') as queued,
       (select count(*)::int from generations where status = 'running') as running,
       (select coalesce(greatest(0, extract(epoch from now() - min(${waitingSince}))), 0)::float8
        from generations g where ${isWaiting}) as oldest,
       ((select coalesce(sum(u.submitted - u.removed), 0) from generation_usage u where u.day >= since.day)
        - (select count(*) from generations c where c.created_at >= since.day at time zone 'utc'))::int as unaccounted
     from since`,
  );
  return {
    queued: row?.queued ?? 0,
    running: row?.running ?? 0,
    oldestWaitingSeconds: row?.oldest ?? 0,
    unaccounted: row?.unaccounted ?? 0,
  };
}
