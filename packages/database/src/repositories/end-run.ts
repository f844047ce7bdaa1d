import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import { isFinalEvent, type GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { Sql } from "../sql";
import { toWrittenBatch, type WrittenRow } from "./append-events";
import type { Completion, FailResult, Failure, GenerationHold, WrittenBatch } from "./claim-records";
import { toStorableJson } from "./storable-json";

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

/** One statement: status, files and events become visible together or not at all. */
export async function completeRun(
  sql: Sql,
  hold: GenerationHold,
  completion: Completion,
): Promise<WrittenBatch | undefined> {
  const { files, usage } = completion;
  const events = withFinal(completion.events, { type: "completed", files: files.length });
  const [row] = await sql.query<WrittenRow>(
    `with ended as (
       update generations g
       set status = 'completed', progress = 100, error = null, files_count = $4, usage = $5::jsonb,
           finished_at = now(), last_seq = g.last_seq + jsonb_array_length($3::jsonb), ${release}
       where ${isHeld} returning g.id, g.last_seq
     ), stored as (
       insert into generation_files (generation_id, path, content, bytes, sha256)
       select ended.id, f.path, f.content, f.bytes, f.sha256
       from ended, unnest($6::text[], $7::text[], $8::int[], $9::text[]) as f (path, content, bytes, sha256)
     ), ${insertEvents}
     select * from written`,
    [
      hold.id,
      hold.claimToken,
      toStorableJson(events),
      files.length,
      usage ? toStorableJson(usage) : null,
      files.map((file) => file.path),
      files.map((file) => file.content),
      files.map((file) => file.bytes),
      files.map((file) => file.sha256),
    ],
  );
  return row ? toWrittenBatch(row) : findEnd(sql, hold, "completed");
}

/** The end that this very hold committed, when the answer was lost. */
async function findEnd(
  sql: Sql,
  hold: GenerationHold,
  status: GenerationStatus,
): Promise<WrittenBatch | undefined> {
  const [row] = await sql.query<WrittenRow>(
    `select e.generation_id, e.seq_from, e.seq_to, e.events, e.created_at
     from generations g join generation_events e on e.generation_id = g.id and e.seq_to = g.last_seq
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
  const events = withFinal(failure.events, { type: "failed", problem: failure.problem });
  const [row] = await sql.query<WrittenRow>(
    `with ended as (
       update generations g
       set status = 'failed', error = $4::jsonb, finished_at = now(),
           last_seq = g.last_seq + jsonb_array_length($3::jsonb), ${release}
       where ${isHeld} returning g.id, g.last_seq
     ), ${insertEvents}
     select * from written`,
    [hold.id, hold.claimToken, toStorableJson(events), toStorableJson(failure.problem)],
  );
  const written = row ? toWrittenBatch(row) : await findEnd(sql, hold, "failed");
  return written === undefined ? { kind: "fenced" } : { kind: "failed", written };
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
           run_after = now() + $5 * interval '1 ms',
           last_seq = g.last_seq + jsonb_array_length($3::jsonb), ${release}
       where ${isHeld} and g.attempt < $4 returning g.id, g.last_seq, g.priority
     ), ${insertEvents}
     select ended.priority, written.* from ended left join written on true`,
    [hold.id, hold.claimToken, toStorableJson(events), failure.maxAttempts, failure.retryAfterMs],
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
