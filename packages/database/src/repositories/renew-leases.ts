import type { Sql } from "../sql";
import type { GenerationHold } from "./claim-records";

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
