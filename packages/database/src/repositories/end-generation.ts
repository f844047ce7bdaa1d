import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import { NotFound, WrongState } from "../errors";
import type { Sql } from "../sql";
import { generationColumns, toEvents, toGeneration, type GenerationRow } from "./generation-rows";
import type { GenerationChange, GenerationLimits } from "./generation-records";
import { keepOpenFile } from "./keep-open-file";
import { checkQuota, lockSubmissions, queuedEvents } from "./submit-generation";

const cancelledEvents: readonly GenerationEventBody[] = [{ type: "cancelled" }];

/** A change of state that its owner asks for: compare-and-set, fence and event in one statement. */
interface Transition {
  readonly set: string;
  /** As a SQL list. */
  readonly from: string;
  readonly events: readonly GenerationEventBody[];
}

const cancelling: Transition = {
  set: "status = 'cancelled', finished_at = now()",
  from: "('queued', 'running')",
  events: cancelledEvents,
};

export const retrying: Transition = {
  set: `status = 'queued', attempt = 0, progress = 0, error = null, files_count = 0, usage = null,
        queued_at = now(), started_at = null, finished_at = null`,
  from: "('failed', 'cancelled')",
  events: queuedEvents,
};

export async function cancelGeneration(sql: Sql, userId: string, id: string): Promise<GenerationChange> {
  // A retry between the two statements makes the second see what the first would have taken: look again.
  for (;;) {
    const changed = await sql.transaction(async (tx) => {
      const cancelled = await change(tx, cancelling, [id, userId]);
      if (cancelled === undefined) return undefined;
      const { generation, events } = cancelled;
      return { generation: { ...generation, filesCount: await keepOpenFile(tx, id) }, events };
    });
    if (changed !== undefined) return changed;
    const row = await readRow(sql, userId, id);
    if (row.status === "cancelled") return { generation: toGeneration(row), events: [] };
    if (row.status === "completed" || row.status === "failed") {
      throw new WrongState(`a ${row.status} generation can't be cancelled`);
    }
  }
}

export async function retryGeneration(
  sql: Sql,
  target: { readonly userId: string; readonly id: string },
  limits: GenerationLimits | undefined,
): Promise<GenerationChange> {
  const { userId, id } = target;
  return sql.transaction(async (tx) => {
    await lockSubmissions(tx, userId);
    const row = await readRow(tx, userId, id);
    if (row.status !== "failed" && row.status !== "cancelled") throw notRetryable(row.status);
    // A run that is repeated is no new submission, but it is open again.
    if (limits !== undefined) await checkQuota(tx, userId, { ...limits, dailyLimit: 0 });
    const changed = await change(tx, retrying, [id, userId]);
    if (changed === undefined) throw notRetryable((await readRow(tx, userId, id)).status);
    await tx.query(
      `with partial as (delete from generation_files where generation_id = $1 and partial)
       delete from archives where generation_id = $1`,
      [id],
    );
    return changed;
  });
}

export async function removeGeneration(sql: Sql, userId: string, id: string): Promise<void> {
  const removed = await sql.query(
    `with removed as (
       delete from generations
       where id = $1 and user_id = $2 and status in ('completed', 'failed', 'cancelled')
       returning id, user_id, created_at
     ), counted as (
       update generation_usage u set removed = u.removed + 1 from removed r
       where u.user_id = r.user_id and u.day = (r.created_at at time zone 'utc')::date
     )
     select id from removed`,
    [id, userId],
  );
  if (removed.length > 0) return;
  const row = await readRow(sql, userId, id);
  throw new WrongState(`a ${row.status} generation can't be deleted; cancel it first`);
}

/** @throws {NotFound} also for a generation of somebody else */
export async function readRow(sql: Sql, userId: string, id: string): Promise<GenerationRow> {
  const [row] = await sql.query<GenerationRow>(
    `select ${generationColumns("g")} from generations g where g.id = $1 and g.user_id = $2`,
    [id, userId],
  );
  if (row === undefined) throw new NotFound("there is no such generation");
  return row;
}

async function change(
  sql: Sql,
  transition: Transition,
  [id, userId]: readonly [string, string],
): Promise<GenerationChange | undefined> {
  const { set, from, events } = transition;
  const [row] = await sql.query<GenerationRow & { at: Date }>(
    `with changed as (
       update generations g
       set ${set}, last_seq = g.last_seq + 1, claim_token = g.claim_token + 1,
           claimed_by = null, lease_expires_at = null, run_after = null
       where g.id = $1 and g.user_id = $2 and g.status in ${from}
       returning ${generationColumns("g")}
     ), event as (
       insert into generation_events (generation_id, seq_from, seq_to, events)
       select id, last_seq, last_seq, $3::jsonb from changed
       returning created_at
     )
     select changed.*, event.created_at as at from changed, event`,
    [id, userId, JSON.stringify(events)],
  );
  if (row === undefined) return undefined;
  const batch = { generationId: row.id, seqFrom: row.last_seq, at: row.at, events };
  return { generation: toGeneration(row), events: toEvents(batch) };
}

function notRetryable(status: GenerationStatus): WrongState {
  return new WrongState(`a ${status} generation can't be run again`);
}
