import type { Sql } from "../sql";
import type { ClaimOptions, GenerationHold } from "./claim-records";

/**
 * SQL: locks the rows of the holds in the CTE `input (id, claim_token)` that are still good, in one order, so
 * that a worker which came back from the dead and its successor can't lock each other out.
 */
export const lockHeld = `held as (
  select g.id from generations g join input i on i.id = g.id
  where g.status = 'running' and g.claim_token = i.claim_token
  order by g.id for update of g
)`;

/** @returns the holds that are still good, with a new lease */
export async function renewLeases(
  sql: Sql,
  leaseMs: number,
  holds: readonly GenerationHold[],
): Promise<GenerationHold[]> {
  if (holds.length === 0) return [];
  const rows = await sql.query<{ id: string; claim_token: string }>(
    `with input as (select * from unnest($1::uuid[], $2::bigint[]) as i (id, claim_token)), ${lockHeld}
     update generations g set lease_expires_at = clock_timestamp() + $3 * interval '1 ms'
     from held where g.id = held.id
     returning g.id, g.claim_token`,
    [holds.map((hold) => hold.id), holds.map((hold) => hold.claimToken), leaseMs],
  );
  return rows.map((row) => ({ id: row.id, claimToken: Number(row.claim_token) }));
}

/**
 * A claim may be committed although its answer was lost. Its worker lives, so it isn't left to the sweep, which
 * would count it as a worker's death. Half a lease is more than a claim waits for its answer: what is younger
 * may be on its way.
 */
export async function returnLostClaims(
  sql: Sql,
  { workerId, leaseMs }: Pick<ClaimOptions, "workerId" | "leaseMs">,
  known: readonly GenerationHold[],
): Promise<{ id: string }[]> {
  return sql.query<{ id: string }>(
    `with lost as (
       select g.id from generations g
       where g.status = 'running' and g.claimed_by = $3
         and g.lease_expires_at < clock_timestamp() + $4 * interval '1 ms' / 2
         and not exists (select from unnest($1::uuid[], $2::bigint[]) as k (id, claim_token)
                         where k.id = g.id and k.claim_token = g.claim_token)
       order by g.id for update skip locked
     )
     update generations g
     set status = 'queued', queued_at = now(), attempt = g.attempt - 1, claim_token = g.claim_token + 1,
         claimed_by = null, lease_expires_at = null
     from lost where g.id = lost.id returning g.id`,
    [known.map((hold) => hold.id), known.map((hold) => hold.claimToken), workerId, leaseMs],
  );
}
