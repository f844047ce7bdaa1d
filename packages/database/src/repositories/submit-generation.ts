import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { v7 as createId } from "uuid";
import { IdempotencyConflict, QuotaExceeded } from "../errors";
import type { Sql } from "../sql";
import { generationColumns, toEvents, toGeneration, type GenerationRow } from "./generation-rows";
import type { GenerationChange, GenerationLimits, NewGeneration } from "./generation-records";

export const queuedEvents: readonly GenerationEventBody[] = [{ type: "queued" }];

/**
 * Takes the lock that makes a user's submissions wait for each other, until the transaction ends. What is
 * counted must be read in a later statement: one statement sees what was committed when it began.
 */
export async function lockSubmissions(tx: Sql, userId: string): Promise<void> {
  await tx.query("select pg_advisory_xact_lock(hashtextextended('submit:' || $1, 0))", [userId]);
}

/** @throws {QuotaExceeded} call it under the submission lock */
export async function checkQuota(tx: Sql, userId: string, limits: GenerationLimits): Promise<void> {
  if (limits.maxOpen <= 0 && limits.dailyLimit <= 0) return;
  const [used] = await tx.query<{ open: number; today: number }>(
    `select
       (select count(*)::int from generations where user_id = $1 and status in ('queued', 'running')) as open,
       coalesce((select submitted from generation_usage
                 where user_id = $1 and day = (now() at time zone 'utc')::date), 0) as today`,
    [userId],
  );
  if (used === undefined) return;
  if (limits.maxOpen > 0 && used.open >= limits.maxOpen) throw new QuotaExceeded("open", limits.maxOpen);
  if (limits.dailyLimit > 0 && used.today >= limits.dailyLimit) {
    throw new QuotaExceeded("daily", limits.dailyLimit);
  }
}

export async function submitGeneration(
  sql: Sql,
  input: NewGeneration,
): Promise<GenerationChange & { created: boolean }> {
  return sql.transaction(async (tx) => {
    await lockSubmissions(tx, input.userId);
    const earlier = await findEarlier(tx, input);
    if (earlier !== undefined) return { generation: toGeneration(earlier), events: [], created: false };
    await checkQuota(tx, input.userId, input);
    const row = await insert(tx, input);
    const batch = { generationId: row.id, seqFrom: 1, at: row.created_at, events: queuedEvents };
    return { generation: toGeneration(row), events: toEvents(batch), created: true };
  });
}

async function findEarlier(tx: Sql, input: NewGeneration): Promise<GenerationRow | undefined> {
  if (input.idempotency === undefined) return undefined;
  const { key, hash } = input.idempotency;
  const [row] = await tx.query<GenerationRow & { idempotency_hash: string }>(
    `select ${generationColumns("g")}, g.idempotency_hash from generations g
     where g.user_id = $1 and g.idempotency_key = $2`,
    [input.userId, key],
  );
  if (row !== undefined && row.idempotency_hash !== hash) {
    throw new IdempotencyConflict("this Idempotency-Key was used with another request");
  }
  return row;
}

async function insert(tx: Sql, input: NewGeneration): Promise<GenerationRow> {
  const rows = await tx.query<GenerationRow>(
    `with row as (
       insert into generations as g
         (id, user_id, prompt, engine, model, priority, mode, idempotency_key, idempotency_hash, last_seq)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1)
       returning ${generationColumns("g")}
     ), event as (
       insert into generation_events (generation_id, seq_from, seq_to, events, created_at)
       select id, 1, 1, $10::jsonb, created_at from row
     ), usage as (
       insert into generation_usage as u (user_id, day, submitted)
       select user_id, (now() at time zone 'utc')::date, 1 from row
       on conflict (user_id, day) do update set submitted = u.submitted + 1
     )
     select * from row`,
    [
      input.id ?? createId(),
      input.userId,
      input.prompt,
      input.engine,
      input.model ?? null,
      input.priority,
      input.mode,
      input.idempotency?.key ?? null,
      input.idempotency?.hash ?? null,
      JSON.stringify(queuedEvents),
    ],
  );
  const [row] = rows;
  if (row === undefined) throw new Error("the insert returned no row");
  return row;
}
