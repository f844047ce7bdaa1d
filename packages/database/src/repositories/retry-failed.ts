import type { Sql } from "../sql";
import { retrying } from "./end-generation";
import type { GenerationChange } from "./generation-records";
import { generationColumns, toEvents, toGeneration, type GenerationRow } from "./generation-rows";

/**
 * What an owner's retry does, for many: attempts are counted anew, completed files stay, what was left open and
 * the archive go. The earliest failed first.
 */
export async function retryFailedGenerations(tx: Sql, limit: number): Promise<GenerationChange[]> {
  const { set, events } = retrying;
  const rows = await tx.query<GenerationRow & { at: Date }>(
    `with failed as (
       select g.id from generations g where g.status = 'failed'
       order by g.finished_at, g.id limit $1 for update skip locked
     ), changed as (
       update generations g
       set ${set}, last_seq = g.last_seq + 1, claim_token = g.claim_token + 1, run_after = null
       from failed where g.id = failed.id
       returning ${generationColumns("g")}
     ), event as (
       insert into generation_events (generation_id, seq_from, seq_to, events)
       select id, last_seq, last_seq, $2::jsonb from changed
       returning generation_id, created_at
     ), partial as (
       delete from generation_files f using changed where f.generation_id = changed.id and f.partial
     ), archive as (
       delete from archives a using changed where a.generation_id = changed.id
     )
     select changed.*, event.created_at as at from changed join event on event.generation_id = changed.id
     order by changed.priority, changed.created_at, changed.id`,
    [limit, JSON.stringify(events)],
  );
  return rows.map((row) => {
    const batch = { generationId: row.id, seqFrom: row.last_seq, at: row.at, events };
    return { generation: toGeneration(row), events: toEvents(batch) };
  });
}

/** The parts that were built stay: another try makes the same ones. @returns ids of the generations */
export async function retryFailedArchives(tx: Sql, limit: number): Promise<string[]> {
  const rows = await tx.query<{ id: string }>(
    `with failed as (
       select a.generation_id from archives a where a.status = 'failed'
       order by a.finished_at, a.generation_id limit $1 for update skip locked
     )
     update archives a
     set status = 'queued', attempt = 0, error = null, finished_at = null, claim_token = a.claim_token + 1
     from failed where a.generation_id = failed.generation_id
     returning a.generation_id as id`,
    [limit],
  );
  return rows.map((row) => row.id);
}
