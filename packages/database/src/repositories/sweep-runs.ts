import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { Sql } from "../sql";
import type { ClaimOptions, SweepResult, WrittenBatch } from "./claim-records";
import { endAsFailed } from "./end-run";

const SWEEP_LIMIT = 100;
/** Longer than any call waits for its answer. Milliseconds. */
const HELD_UP_MS = 3000;

/**
 * SQL: leases of $1 milliseconds may be over. None is for one lease period after Postgres has started: while it was
 * away nobody could renew. Nor by a statement that was sent at $2 (milliseconds since 1970) and held up since, in a
 * Postgres that stood still: it would come before every heartbeat.
 */
export const leasesCount = `pg_postmaster_start_time() < now() - $1 * interval '1 ms'
  and now() < to_timestamp(($2::float8 + ${HELD_UP_MS}) / 1000)`;
/** SQL: the run's lease has been over for $5 milliseconds. */
const isLost = `g.status = 'running' and g.lease_expires_at < now() - $5 * interval '1 ms' and ${leasesCount}`;

export interface SweepOptions extends ClaimOptions {
  /** Now, on the database's clock; milliseconds since 1970. */
  readonly askedAt: () => number;
  /** How long a lease must have been over; milliseconds. Default: 0 */
  readonly graceMs?: number;
}

/** Takes runs whose lease is over from their workers. */
export async function sweepRuns(sql: Sql, options: SweepOptions): Promise<SweepResult> {
  return { requeued: await requeueLost(sql, options), failed: await failLost(sql, options) };
}

async function requeueLost(
  sql: Sql,
  { leaseMs, maxAttempts, askedAt, graceMs = 0 }: SweepOptions,
): Promise<SweepResult["requeued"]> {
  return sql.query<{ id: string; priority: number }>(
    `with lost as (
       select g.id from generations g where ${isLost} and g.attempt < $3
       order by g.id limit $4 for update skip locked
     )
     update generations g
     set status = 'queued', queued_at = now(), claim_token = g.claim_token + 1,
         claimed_by = null, lease_expires_at = null
     from lost where g.id = lost.id returning g.id, g.priority`,
    [leaseMs, askedAt(), maxAttempts, SWEEP_LIMIT, graceMs],
  );
}

/** Each in a transaction of its own: they write into the inboxes of several people, in no common order. */
async function failLost(
  sql: Sql,
  { leaseMs, maxAttempts, askedAt, graceMs = 0 }: SweepOptions,
): Promise<WrittenBatch[]> {
  const problem: GenerationProblem = {
    code: "worker_lost",
    title: "The process that ran this stopped",
    detail: `It was tried ${maxAttempts} times, and each time the process that ran it stopped.`,
  };
  const isOver = `${isLost} and g.attempt >= $3`;
  const lost = await sql.query<{ id: string }>(
    `select g.id from generations g where ${isOver} order by g.id limit $4`,
    [leaseMs, askedAt(), maxAttempts, SWEEP_LIMIT, graceMs],
  );
  const failed: WrittenBatch[] = [];
  for (const { id } of lost) {
    const written = await sql.transaction(async (tx) => {
      const [taken] = await tx.query<{ claim_token: string }>(
        `update generations g set claim_token = g.claim_token + 1
         where g.id = (select g.id from generations g where ${isOver} and g.id = $4 for update skip locked)
         returning g.claim_token`,
        [leaseMs, askedAt(), maxAttempts, id, graceMs],
      );
      if (taken === undefined) return undefined;
      return endAsFailed(tx, { id, claimToken: Number(taken.claim_token) }, { problem, events: [] });
    });
    if (written !== undefined) failed.push(written);
  }
  return failed;
}
