import type { EngineName } from "@vibe-friend/contracts/generation";
import type { Sql } from "../sql";
import type { ClaimedGeneration, ClaimOptions } from "./claim-records";

interface ClaimRow {
  readonly id: string;
  readonly user_id: string;
  readonly prompt: string;
  readonly engine: EngineName;
  readonly model: string | null;
  readonly priority: number;
  readonly mode: "async" | "sync";
  readonly attempt: number;
  readonly last_seq: number;
  readonly claim_token: string;
}

/** SQL: may be claimed now. */
const isWaiting = "g.status = 'queued' and (g.run_after is null or g.run_after <= now())";
/** SQL: has waited for the milliseconds in this parameter (null: for any time), or was claimed before. */
function hasWaited(parameter: string): string {
  return `(${parameter}::float8 is null or g.claim_token > 0
    or g.queued_at <= now() - ${parameter}::float8 * interval '1 ms')`;
}
const order = "g.priority, g.created_at, g.id";

/** The row `id`; or the first of all, or of those that have waited so long or were claimed before. */
export interface ClaimSelection {
  readonly id?: string;
  readonly queuedForMs?: number;
}

export async function claimGeneration(
  sql: Sql,
  options: ClaimOptions,
  which: ClaimSelection = {},
): Promise<ClaimedGeneration | undefined> {
  const limit = options.maxRunningPerUser ?? 0;
  if (limit > 0) return claimWithinLimit(sql, { ...options, maxRunningPerUser: limit }, which);
  if (which.id !== undefined) return start(sql, options, { where: "g.id = $3", parameters: [which.id] });
  const where = `g.id = (select g.id from generations g
    where ${isWaiting} and ${hasWaited("$3")} order by ${order} limit 1 for update skip locked)`;
  return start(sql, options, { where, parameters: [which.queuedForMs ?? null] });
}

/**
 * The count of a user's running rows is only right if nobody else counts at the same time, and in a statement
 * that began after the lock was had. So: pick and lock a row, lock its user, then start it if the user is
 * still below the limit. Losing that race means looking again; whoever won has started a run meanwhile.
 */
async function claimWithinLimit(
  sql: Sql,
  options: ClaimOptions & { readonly maxRunningPerUser: number },
  which: ClaimSelection,
): Promise<ClaimedGeneration | undefined> {
  const limit = options.maxRunningPerUser;
  for (;;) {
    const outcome = await sql.transaction(async (tx) => {
      const candidate = await pickBelowLimit(tx, limit, which);
      if (candidate === undefined) return { done: true, claimed: undefined };
      await tx.query("select pg_advisory_xact_lock(hashtextextended('running:' || $1, 0))", [
        candidate.user_id,
      ]);
      const claimed = await start(tx, options, {
        where: `g.id = $3 and
          (select count(*) from generations r where r.user_id = g.user_id and r.status = 'running') < $4`,
        parameters: [candidate.id, limit],
      });
      return { done: claimed !== undefined, claimed };
    });
    if (outcome.done) return outcome.claimed;
  }
}

async function pickBelowLimit(
  tx: Sql,
  limit: number,
  { id, queuedForMs }: ClaimSelection,
): Promise<{ id: string; user_id: string } | undefined> {
  const [row] = await tx.query<{ id: string; user_id: string }>(
    `select g.id, g.user_id from generations g
     where ${isWaiting} and ${id === undefined ? hasWaited("$2") : "g.id = $2"}
       and g.user_id not in
         (select user_id from generations where status = 'running' group by user_id having count(*) >= $1)
     order by ${order} limit 1 for update skip locked`,
    [limit, id ?? queuedForMs ?? null],
  );
  return row;
}

/** @param which SQL for the row; worker and lease are the parameters 1 and 2, its own follow */
async function start(
  sql: Sql,
  { workerId, leaseMs }: ClaimOptions,
  which: { readonly where: string; readonly parameters: readonly unknown[] },
): Promise<ClaimedGeneration | undefined> {
  const [row] = await sql.query<ClaimRow>(
    `update generations g
     set status = 'running', claim_token = g.claim_token + 1, attempt = g.attempt + 1, progress = 0,
         claimed_by = $1, lease_expires_at = now() + $2 * interval '1 ms', run_after = null,
         started_at = coalesce(g.started_at, now())
     where ${isWaiting} and ${which.where}
     returning g.id, g.user_id, g.prompt, g.engine, g.model, g.priority, g.mode, g.attempt, g.last_seq, g.claim_token`,
    [workerId, leaseMs, ...which.parameters],
  );
  return row && toClaimed(row);
}

function toClaimed(row: ClaimRow): ClaimedGeneration {
  return {
    id: row.id,
    claimToken: Number(row.claim_token),
    userId: row.user_id,
    prompt: row.prompt,
    engine: row.engine,
    model: row.model,
    priority: row.priority,
    mode: row.mode,
    attempt: row.attempt,
    lastSeq: row.last_seq,
  };
}
