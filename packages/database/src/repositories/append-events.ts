import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { Sql } from "../sql";
import type { AppendResult, EventBatch, WrittenBatch } from "./claim-records";
import { toEvents } from "./generation-rows";
import { lockHeld } from "./renew-leases";
import { saveFiles, toFileParameters } from "./save-files";
import { toStorableJson } from "./storable-json";

/** A batch as the insert returned it. */
export interface WrittenRow {
  readonly generation_id: string;
  readonly seq_from: number;
  readonly seq_to: number;
  readonly events: GenerationEventBody[];
  readonly created_at: Date;
  readonly inbox?: WrittenBatch["inbox"];
}

/**
 * Checks fences, advances `last_seq`, inserts events and saves files for all runs at once: one statement, one
 * commit. So what is saved is always what the log says.
 */
export async function appendEvents(sql: Sql, batches: readonly EventBatch[]): Promise<AppendResult> {
  const input = batches.filter((batch) => batch.events.length > 0);
  if (new Set(input.map((batch) => batch.hold.id)).size < input.length) {
    throw new RangeError("at most one batch per generation may be appended at once");
  }
  if (input.length === 0) return { written: [], fenced: [] };
  const files = toFileParameters(input);
  const rows = await sql.query<WrittenRow>(
    `with input as (
       select * from jsonb_to_recordset($1::jsonb) as i (id uuid, claim_token bigint, after_seq int, progress int, events jsonb)
     ), ${lockHeld}, advanced as (
       update generations g
       set last_seq = g.last_seq + jsonb_array_length(i.events), progress = coalesce(i.progress, g.progress)
       from held, input i
       where g.id = held.id and i.id = held.id and g.last_seq = i.after_seq
       returning g.id, g.last_seq, i.events
     )${files === undefined ? "" : saveFiles}
     insert into generation_events (generation_id, seq_from, seq_to, events)
     select id, last_seq - jsonb_array_length(events) + 1, last_seq, events from advanced
     returning generation_id, seq_from, seq_to, events, created_at`,
    [toStorableJson(input.map(toInput)), ...(files ?? [])],
  );
  const fresh = new Set(rows.map((row) => row.generation_id));
  const missing = input.filter((batch) => !fresh.has(batch.hold.id));
  if (missing.length > 0) rows.push(...(await findOfferedAgain(sql, missing)));
  const written = new Set(rows.map((row) => row.generation_id));
  return {
    written: rows.map(toWrittenBatch),
    fenced: missing.map((batch) => batch.hold).filter((hold) => !written.has(hold.id)),
  };
}

/** Batches that an earlier call stored whose answer was lost, of runs that are still held. */
async function findOfferedAgain(sql: Sql, batches: readonly EventBatch[]): Promise<WrittenRow[]> {
  return sql.query<WrittenRow>(
    `select e.generation_id, e.seq_from, e.seq_to, e.events, e.created_at
     from unnest($1::uuid[], $2::bigint[], $3::int[], $4::int[]) as i (id, claim_token, seq_from, seq_to)
     join generations g on g.id = i.id and g.status = 'running' and g.claim_token = i.claim_token
     join generation_events e on e.generation_id = i.id and e.seq_from = i.seq_from and e.seq_to = i.seq_to`,
    [
      batches.map((batch) => batch.hold.id),
      batches.map((batch) => batch.hold.claimToken),
      batches.map((batch) => batch.afterSeq + 1),
      batches.map((batch) => batch.afterSeq + batch.events.length),
    ],
  );
}

export function toWrittenBatch(row: WrittenRow): WrittenBatch {
  const batch = {
    generationId: row.generation_id,
    seqFrom: row.seq_from,
    at: row.created_at,
    events: row.events,
  };
  return {
    generationId: row.generation_id,
    seqFrom: row.seq_from,
    seqTo: row.seq_to,
    events: toEvents(batch),
    ...(row.inbox ? { inbox: row.inbox } : {}),
  };
}

function toInput({ hold, afterSeq, events }: EventBatch) {
  const last = events.findLast((event) => event.type === "progress");
  return {
    id: hold.id,
    claim_token: hold.claimToken,
    after_seq: afterSeq,
    progress: last?.percent ?? null,
    events,
  };
}
