import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { Sql } from "../sql";
import { toWrittenBatch, type WrittenRow } from "./append-events";
import type { ClaimOptions, SweepResult } from "./claim-records";

const SWEEP_LIMIT = 100;

type SweptRow = Partial<WrittenRow> & { readonly id: string; readonly priority: number };

/**
 * Takes runs whose lease is over from their workers. None for one lease period after Postgres has started:
 * while it was away nobody could renew.
 */
export async function sweepRuns(sql: Sql, options: ClaimOptions): Promise<SweepResult> {
  const problem: GenerationProblem = {
    code: "worker_lost",
    title: "The process that ran this stopped",
    detail: `It was tried ${options.maxAttempts} times, and each time the process that ran it stopped.`,
  };
  const events: GenerationEventBody[] = [{ type: "failed", problem }];
  const rows = await sql.query<SweptRow>(
    `with expired as (
       select g.id, g.attempt >= $2 as is_over from generations g
       where g.status = 'running' and g.lease_expires_at < now()
         and pg_postmaster_start_time() < now() - $1 * interval '1 ms'
       order by g.id limit $5 for update skip locked
     ), swept as (
       update generations g
       set status = case when e.is_over then 'failed' else 'queued' end,
           error = case when e.is_over then $3::jsonb else g.error end,
           finished_at = case when e.is_over then now() end,
           queued_at = now(), last_seq = g.last_seq + e.is_over::int,
           claim_token = g.claim_token + 1, claimed_by = null, lease_expires_at = null
       from expired e where g.id = e.id
       returning g.id, g.status, g.last_seq, g.priority
     ), written as (
       insert into generation_events (generation_id, seq_from, seq_to, events)
       select id, last_seq, last_seq, $4::jsonb from swept where status = 'failed'
       returning generation_id, seq_from, seq_to, events, created_at
     )
     select swept.id, swept.priority, written.* from swept left join written on written.generation_id = swept.id`,
    [options.leaseMs, options.maxAttempts, JSON.stringify(problem), JSON.stringify(events), SWEEP_LIMIT],
  );
  const isFailed = (row: SweptRow): row is SweptRow & WrittenRow => Boolean(row.generation_id);
  return {
    requeued: rows.filter((row) => !isFailed(row)).map((row) => ({ id: row.id, priority: row.priority })),
    failed: rows.filter(isFailed).map(toWrittenBatch),
  };
}
