import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { Sql } from "../sql";
import type { ClaimOptions, SweepResult, WrittenBatch } from "./claim-records";
import { endAsFailed } from "./end-run";

const SWEEP_LIMIT = 100;

/**
 * SQL: the run's lease ($1 milliseconds long) is over. None is for one lease period after Postgres has started:
 * while it was away nobody could renew.
 */
const isLost = `g.status = 'running' and g.lease_expires_at < now()
  and pg_postmaster_start_time() < now() - $1 * interval '1 ms'`;

/** Takes runs whose lease is over from their workers. */
export async function sweepRuns(sql: Sql, options: ClaimOptions): Promise<SweepResult> {
  return { requeued: await requeueLost(sql, options), failed: await failLost(sql, options) };
}

async function requeueLost(
  sql: Sql,
  { leaseMs, maxAttempts }: ClaimOptions,
): Promise<SweepResult["requeued"]> {
  return sql.query<{ id: string; priority: number }>(
    `with lost as (
       select g.id from generations g where ${isLost} and g.attempt < $2
       order by g.id limit $3 for update skip locked
     )
     update generations g
     set status = 'queued', queued_at = now(), claim_token = g.claim_token + 1,
         claimed_by = null, lease_expires_at = null
     from lost where g.id = lost.id returning g.id, g.priority`,
    [leaseMs, maxAttempts, SWEEP_LIMIT],
  );
}

/** Each in a transaction of its own: they write into the inboxes of several people, in no common order. */
async function failLost(sql: Sql, { leaseMs, maxAttempts }: ClaimOptions): Promise<WrittenBatch[]> {
  const problem: GenerationProblem = {
    code: "worker_lost",
    title: "The process that ran this stopped",
    detail: `It was tried ${maxAttempts} times, and each time the process that ran it stopped.`,
  };
  const isOver = `${isLost} and g.attempt >= $2`;
  const lost = await sql.query<{ id: string }>(
    `select g.id from generations g where ${isOver} order by g.id limit $3`,
    [leaseMs, maxAttempts, SWEEP_LIMIT],
  );
  const failed: WrittenBatch[] = [];
  for (const { id } of lost) {
    const written = await sql.transaction(async (tx) => {
      const [taken] = await tx.query<{ claim_token: string }>(
        `update generations g set claim_token = g.claim_token + 1
         where g.id = (select g.id from generations g where ${isOver} and g.id = $3 for update skip locked)
         returning g.claim_token`,
        [leaseMs, maxAttempts, id],
      );
      if (taken === undefined) return undefined;
      return endAsFailed(tx, { id, claimToken: Number(taken.claim_token) }, { problem, events: [] });
    });
    if (written !== undefined) failed.push(written);
  }
  return failed;
}
