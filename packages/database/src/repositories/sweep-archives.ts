import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { Sql } from "../sql";
import type { ArchiveClaimOptions } from "./archive-records";
import { leasesCount, type SweepOptions } from "./sweep-runs";

const SWEEP_LIMIT = 100;

/** Takes builds whose lease is over from their workers; what they have built stays. */
export async function sweepArchives(
  sql: Sql,
  { leaseMs, maxAttempts, askedAt }: ArchiveClaimOptions & Pick<SweepOptions, "askedAt">,
): Promise<{ requeued: string[]; failed: string[] }> {
  const problem: GenerationProblem = {
    code: "worker_lost",
    title: "The process that built this stopped",
    detail: `It was tried ${maxAttempts} times, and each time the process that built it stopped.`,
  };
  const rows = await sql.query<{ generation_id: string; status: "queued" | "failed" }>(
    `with expired as (
       select a.generation_id, a.attempt >= $3 as is_over from archives a
       where a.status = 'building' and a.lease_expires_at < now() and ${leasesCount}
       order by a.generation_id limit $5 for update skip locked
     )
     update archives a
     set status = case when e.is_over then 'failed' else 'queued' end,
         error = case when e.is_over then $4::jsonb end, finished_at = case when e.is_over then now() end,
         claim_token = a.claim_token + 1, claimed_by = null, lease_expires_at = null
     from expired e where a.generation_id = e.generation_id
     returning a.generation_id, a.status`,
    [leaseMs, askedAt(), maxAttempts, JSON.stringify(problem), SWEEP_LIMIT],
  );
  const idsOf = (status: string) =>
    rows.filter((row) => row.status === status).map((row) => row.generation_id);
  return { requeued: idsOf("queued"), failed: idsOf("failed") };
}
