import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import { isFinalEvent, type GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { SavedFilesDiffer } from "../errors";
import type { Sql } from "../sql";
import { toWrittenBatch, type WrittenRow } from "./append-events";
import type {
  Completion,
  FailResult,
  Failure,
  GenerationHold,
  StoredFile,
  WrittenBatch,
} from "./claim-records";
import { keepOpenFile } from "./keep-open-file";
import { toStorableJson } from "./storable-json";
import { promptStart, tellOwner, type EndedGeneration } from "./tell-owner";

/** SQL: the run is over, whatever became of it; the lease goes. */
const release = "claimed_by = null, lease_expires_at = null";
/** SQL: $1 and $2 are the hold. */
const isHeld = "g.id = $1 and g.claim_token = $2 and g.status = 'running'";

/** SQL: inserts the events $3 of what the CTE `ended` returned. */
const insertEvents = `written as (
  insert into generation_events (generation_id, seq_from, seq_to, events)
  select id, last_seq - jsonb_array_length($3::jsonb) + 1, last_seq, $3::jsonb from ended
  where jsonb_array_length($3::jsonb) > 0
  returning generation_id, seq_from, seq_to, events, created_at
)`;

/** Status, events and notification become visible together or not at all; the files are saved already. */
export async function completeRun(
  sql: Sql,
  hold: GenerationHold,
  completion: Completion,
): Promise<WrittenBatch | undefined> {
  const { files, usage } = completion;
  const events = withFinal(completion.events, { type: "completed", files: files.length });
  return sql.transaction(async (tx) => {
    const [row] = await tx.query<WrittenRow & EndedGeneration>(
      `with ended as (
         update generations g
         set status = 'completed', progress = 100, error = null, files_count = $4, usage = $5::jsonb,
             finished_at = now(), last_seq = g.last_seq + jsonb_array_length($3::jsonb), ${release}
         where ${isHeld} returning g.id, g.last_seq, g.user_id, ${promptStart}
       ), ${insertEvents}
       select * from ended, written`,
      [hold.id, hold.claimToken, toStorableJson(events), files.length, usage ? toStorableJson(usage) : null],
    );
    if (row === undefined) return findEnd(tx, hold, "completed");
    await checkSavedFiles(tx, hold.id, files);
    const inbox = await tellOwner(tx, row, { kind: "completed", files: files.length });
    return toWrittenBatch({ ...row, inbox });
  });
}

/** @throws {SavedFilesDiffer} naming one of the differences */
async function checkSavedFiles(tx: Sql, id: string, files: readonly StoredFile[]): Promise<void> {
  const [difference] = await tx.query<{ path: string }>(
    `with gone as (
       delete from generation_files where generation_id = $1 and partial
     ), saved as (
       select path, sha256 from generation_files where generation_id = $1 and not partial
     ), expected as (
       select * from unnest($2::text[], $3::text[]) as e (path, sha256)
     )
     (select path from saved except all select path from expected)
     union all (select path from (select * from expected except all select * from saved) as missing)
     limit 1`,
    [id, files.map((file) => file.path), files.map((file) => file.sha256)],
  );
  if (difference === undefined) return;
  throw new SavedFilesDiffer(`what is saved of ${JSON.stringify(difference.path)} isn't the result`);
}

/** The end that this very hold committed, when the answer was lost. */
async function findEnd(
  sql: Sql,
  hold: GenerationHold,
  status: GenerationStatus,
): Promise<WrittenBatch | undefined> {
  const [row] = await sql.query<WrittenRow>(
    `select e.generation_id, e.seq_from, e.seq_to, e.events, e.created_at,
       case when i.user_id is not null then json_build_object('userId', i.user_id, 'lastSeq', i.last_seq) end as inbox
     from generations g join generation_events e on e.generation_id = g.id and e.seq_to = g.last_seq
     left join inboxes i on i.user_id = g.user_id
     where g.id = $1 and g.claim_token = $2 and g.status = $3`,
    [hold.id, hold.claimToken, status],
  );
  return row && toWrittenBatch(row);
}

/** Ends it as `failed`, or queues it again where that is worth it and attempts are left. */
export async function failRun(
  sql: Sql,
  hold: GenerationHold,
  failure: Failure & { readonly maxAttempts: number },
): Promise<FailResult> {
  if (failure.retryAfterMs !== undefined) {
    const requeued = await requeue(sql, hold, failure);
    if (requeued !== undefined) return requeued;
  }
  return sql.transaction(async (tx) => {
    const written = (await endAsFailed(tx, hold, failure)) ?? (await findEnd(tx, hold, "failed"));
    return written === undefined ? { kind: "fenced" } : { kind: "failed", written };
  });
}

/**
 * The last failure of a run, with what it leaves: status, events, what was written of an open file, notification.
 *
 * @returns undefined if fenced
 */
export async function endAsFailed(
  tx: Sql,
  hold: GenerationHold,
  { problem, events }: Pick<Failure, "problem" | "events">,
): Promise<WrittenBatch | undefined> {
  const all = withFinal(events, { type: "failed", problem });
  const [row] = await tx.query<WrittenRow & EndedGeneration>(
    `with ended as (
       update generations g
       set status = 'failed', error = $4::jsonb, finished_at = now(),
           last_seq = g.last_seq + jsonb_array_length($3::jsonb), ${release}
       where ${isHeld} returning g.id, g.last_seq, g.user_id, ${promptStart}
     ), ${insertEvents}
     select * from ended, written`,
    [hold.id, hold.claimToken, toStorableJson(all), toStorableJson(problem)],
  );
  if (row === undefined) return undefined;
  await keepOpenFile(tx, row.id);
  const inbox = await tellOwner(tx, row, { kind: "failed", problem });
  return toWrittenBatch({ ...row, inbox });
}

/** @returns undefined if no attempt is left, or fenced */
async function requeue(
  sql: Sql,
  hold: GenerationHold,
  failure: Failure & { readonly maxAttempts: number },
): Promise<FailResult | undefined> {
  const events = failure.events.filter((event) => !isFinalEvent(event));
  const [row] = await sql.query<Partial<WrittenRow> & { priority: number }>(
    `with ended as (
       update generations g
       set status = 'queued', queued_at = now(), claim_token = g.claim_token + 1,
           attempt = g.attempt - (not $6)::int, run_after = now() + $5 * interval '1 ms',
           last_seq = g.last_seq + jsonb_array_length($3::jsonb), ${release}
       where ${isHeld} and (not $6 or g.attempt < $4) returning g.id, g.last_seq, g.priority
     ), ${insertEvents}
     select ended.priority, written.* from ended left join written on true`,
    [
      hold.id,
      hold.claimToken,
      toStorableJson(events),
      failure.maxAttempts,
      failure.retryAfterMs,
      failure.isCounted ?? true,
    ],
  );
  if (row === undefined) return undefined;
  const { priority, ...batch } = row;
  const written = batch.generation_id ? toWrittenBatch(batch as WrittenRow) : undefined;
  return { kind: "requeued", written, priority };
}

export async function handBackRun(sql: Sql, hold: GenerationHold): Promise<boolean> {
  const rows = await sql.query(
    `update generations g
     set status = 'queued', queued_at = now(), attempt = g.attempt - 1, claim_token = g.claim_token + 1, ${release}
     where ${isHeld} returning g.id`,
    [hold.id, hold.claimToken],
  );
  return rows.length > 0;
}

/** The events with `final` as the last, and no other final one. */
function withFinal(
  events: readonly GenerationEventBody[],
  final: GenerationEventBody,
): readonly GenerationEventBody[] {
  return [...events.filter((event) => !isFinalEvent(event)), final];
}
