import type { EngineName } from "@vibe-friend/contracts/generation";
import type { Sql } from "../sql";
import type { ClaimedGeneration, ClaimOptions, StoredFile } from "./claim-records";
import { isOpen, isWaiting, pickFirst, pickRow } from "./pick-waiting";

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
  readonly files: StoredFile[] | null;
  readonly open_for_ms: number;
}

/** The row `id`; or the first of all, or of those that have waited so long or that the queue won't bring. */
export interface ClaimSelection {
  readonly id?: string;
  readonly queuedForMs?: number;
}

/**
 * The count of a user's running rows is only right if nobody else counts at the same time, and in a statement
 * that began after the lock was had. So: pick and lock a row, lock its user, then start it if the user is
 * still below the limit. Who picked a row from the rest and lost that race looks again: whoever won has
 * started a run meanwhile. A row that was asked for by id and is refused is marked in the same transaction,
 * since the delivery is used up.
 */
export async function claimGeneration(
  sql: Sql,
  options: ClaimOptions,
  which: ClaimSelection = {},
): Promise<ClaimedGeneration | undefined> {
  const { id, queuedForMs } = which;
  const { maxRunningPerUser = 0 } = options;
  for (;;) {
    const outcome = await sql.transaction(async (tx) => {
      const picked =
        id === undefined ? await pickFirst(tx, { maxRunningPerUser, queuedForMs }) : await pickRow(tx, id);
      if (picked === undefined) return "none";
      const claimed = await start(tx, options, picked);
      if (claimed !== undefined) return claimed;
      if (id === undefined) return "again";
      await defer(tx, options, id);
      return "none";
    });
    if (outcome === "none") return undefined;
    if (outcome !== "again") return outcome;
  }
}

/** SQL: what earlier runs completed; a queued row's files don't change. */
const savedFiles = `(select json_agg(json_build_object('path', f.path, 'bytes', f.bytes, 'sha256', f.sha256)
    order by f.path collate "C") from generation_files f where f.generation_id = g.id and not f.partial)`;

async function start(tx: Sql, options: ClaimOptions, id: string): Promise<ClaimedGeneration | undefined> {
  const { workerId, leaseMs, maxRunningPerUser = 0 } = options;
  const [row] = await tx.query<ClaimRow>(
    `update generations g
     set status = 'running', claim_token = g.claim_token + 1, attempt = g.attempt + 1, progress = 0,
         claimed_by = $1, lease_expires_at = clock_timestamp() + $2 * interval '1 ms', run_after = null, deferred = false,
         started_at = coalesce(g.started_at, now())
     where g.id = $3 and ${isWaiting} and ${isOpen}
       and ($4::int = 0 or
         (select count(*) from generations r where r.user_id = g.user_id and r.status = 'running') < $4)
     returning g.id, g.user_id, g.prompt, g.engine, g.model, g.priority, g.mode, g.attempt, g.last_seq,
       g.claim_token, (extract(epoch from now() - g.started_at) * 1000)::float8 as open_for_ms,
       ${savedFiles} as files`,
    [workerId, leaseMs, id, maxRunningPerUser],
  );
  return row && toClaimed(row);
}

async function defer(tx: Sql, { onRefused }: ClaimOptions, id: string): Promise<void> {
  const [row] = await tx.query<{ is_open: boolean }>(
    `update generations g set deferred = true where g.id = $1 returning ${isOpen} as is_open`,
    [id],
  );
  if (row !== undefined) onRefused?.(row.is_open ? "limit" : "paused");
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
    completedFiles: row.files ?? [],
    openForMs: row.open_for_ms,
  };
}
