import type { Sql } from "../sql";

/** SQL: may be claimed now, as far as the row itself says. */
export const isWaiting = "g.status = 'queued' and (g.run_after is null or g.run_after <= now())";
/** SQL: nobody has paused the queue. */
export const isOpen =
  "not exists (select 1 from queues q where q.name = 'generation' and q.paused_at is not null)";
/**
 * SQL: has waited for the milliseconds in $2 (null: for any time), or the queue doesn't bring it again: claimed
 * before, or refused when it was brought.
 */
const hasWaited = `($2::float8 is null or g.deferred or g.claim_token > 0
  or g.queued_at <= now() - $2::float8 * interval '1 ms')`;
/** SQL: its user runs fewer than $1; read once for the whole statement. 0 is no limit. */
const isBelowLimit = `($1::int = 0 or g.user_id <> all (array(
  select r.user_id from generations r where r.status = 'running' group by r.user_id having count(*) >= $1)))`;
const order = "g.priority, g.created_at, g.id";
const isCandidate = `${isWaiting} and ${hasWaited} and ${isOpen}`;

/** How many rows are passed over one by one before their users are. */
const NEAR_ROWS = 200;
/** With more users waiting than this, going through all rows is the shorter way. */
const MAX_USERS = 200;

/** SQL: locks the user of the row in the CTE `picked`; claims of one user wait for each other. */
const lockUser = "select id, pg_advisory_xact_lock(hashtextextended('running:' || user_id, 0)) from picked";

/** Among the first rows, which is where the answer is nearly always. */
const near = `with picked as materialized (
    select g.id, g.user_id
    from (select g.id, g.priority, g.created_at from generations g
          where ${isCandidate} order by ${order} limit ${NEAR_ROWS}) n
    join generations g on g.id = n.id
    where ${isWaiting} and ${isBelowLimit}
    order by n.priority, n.created_at, n.id limit 1 for update of g skip locked
  ) ${lockUser}`;

/**
 * The first row of each user that waits and is below the limit: thousands of rows of somebody at the limit are
 * one step. `is_all` is false when this wasn't everybody, or when others hold what was found.
 */
const byUser = `with recursive owners as (
    (select g.user_id, 1 as n from generations g where g.status = 'queued' order by g.user_id limit 1)
    union all
    select next.user_id, o.n + 1 from owners o cross join lateral (
      select g.user_id from generations g where g.status = 'queued' and g.user_id > o.user_id
      order by g.user_id limit 1) next
    where o.n <= ${MAX_USERS}
  ), firsts as materialized (
    select f.* from (select g.user_id from owners g where ${isBelowLimit}) o cross join lateral (
      select g.id, g.priority, g.created_at from generations g
      where g.user_id = o.user_id and ${isCandidate} order by ${order} limit 1) f
  ), known as (
    select (select count(*) from owners) <= ${MAX_USERS} as is_all, (select count(*) from firsts) as found
  ), picked as materialized (
    select g.id, g.user_id from firsts f join generations g on g.id = f.id
    where ${isWaiting} and (select is_all from known)
    order by f.priority, f.created_at, f.id limit 1 for update of g skip locked
  ), locked as materialized (${lockUser})
  select locked.id, known.is_all and (known.found = 0 or locked.id is not null) as is_all
  from known left join locked on true`;

const anywhere = `with picked as materialized (
    select g.id, g.user_id from generations g where ${isCandidate} and ${isBelowLimit}
    order by ${order} limit 1 for update skip locked
  ) ${lockUser}`;

/**
 * Picks and locks the first row, by priority, then age, whose user is below the running limit, and its user's
 * claims.
 *
 * @param tx a transaction: the locks last as long as it
 */
export async function pickFirst(
  tx: Sql,
  { maxRunningPerUser, queuedForMs }: { maxRunningPerUser: number; queuedForMs: number | undefined },
): Promise<string | undefined> {
  const parameters = [maxRunningPerUser, queuedForMs ?? null];
  const [first] = await tx.query<{ id: string }>(near, parameters);
  if (first !== undefined) return first.id;
  const [found] = await tx.query<{ id: string | null; is_all: boolean }>(byUser, parameters);
  if (found?.is_all === true) return found.id ?? undefined;
  const [any] = await tx.query<{ id: string }>(anywhere, parameters);
  return any?.id;
}

/** The same for one row. Waits for whoever holds it: a claimer that lets it go must not swallow a delivery. */
export async function pickRow(tx: Sql, id: string): Promise<string | undefined> {
  const [row] = await tx.query<{ id: string }>(
    `with picked as materialized (
       select g.id, g.user_id from generations g where g.id = $1 and ${isWaiting} for update
     ) ${lockUser}`,
    [id],
  );
  return row?.id;
}
