import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { Pool } from "pg";
import type { RowChange, RowState } from "./history/claim-checks";
import type { StoredFile } from "./history/event-checks";

/** What Postgres itself saw and holds, past every service. */
export interface RowWitness {
  /** Every change of a generation's row since `watch`, in its order. */
  changes(): Promise<RowChange[]>;
  /** ids and statuses of every generation there is */
  statuses(): Promise<Map<string, string>>;
  log(id: string): Promise<GenerationEvent[]>;
  files(id: string): Promise<StoredFile[]>;
  /** Sequences of a person's stored notifications, and what the inbox says is the last. */
  inbox(userId: string): Promise<{ seqs: number[]; lastSeq: number }>;
  /** Asks the database anything. */
  query<T extends object>(sql: string, parameters?: readonly unknown[]): Promise<T[]>;
  close(): Promise<void>;
}

/** A row per change, written by the same transaction: what was rolled back was never seen. */
const triggers = `
  create table if not exists witnessed_rows (
    n bigserial primary key, at timestamptz not null default clock_timestamp(),
    generation_id uuid not null, who text not null, before jsonb, after jsonb
  );
  create or replace function witness_row() returns trigger language plpgsql as $$
  begin
    if tg_op = 'UPDATE' and (old.status, old.claim_token, old.attempt, old.last_seq, old.claimed_by)
      is not distinct from (new.status, new.claim_token, new.attempt, new.last_seq, new.claimed_by)
    then return null; end if;
    insert into witnessed_rows (generation_id, who, before, after) values (
      new.id, current_setting('application_name'),
      case when tg_op = 'UPDATE' then jsonb_build_object('status', old.status, 'token', old.claim_token,
        'attempt', old.attempt, 'lastSeq', old.last_seq, 'holder', old.claimed_by,
        'leaseEndsAt', extract(epoch from old.lease_expires_at) * 1000) end,
      jsonb_build_object('status', new.status, 'token', new.claim_token,
        'attempt', new.attempt, 'lastSeq', new.last_seq, 'holder', new.claimed_by,
        'leaseEndsAt', extract(epoch from new.lease_expires_at) * 1000));
    return null;
  end $$;
  create or replace trigger witness_row after insert or update on generations
    for each row execute function witness_row();`;

/** @param isWatching false to look only, without recording changes */
export async function connectWitness(databaseUrl: string, isWatching = true): Promise<RowWitness> {
  // A restart of Postgres ends its connections; the pool opens new ones.
  const pool = new Pool({ connectionString: databaseUrl, max: 4, application_name: "witness" });
  pool.on("error", () => undefined);
  const query = async <T extends object>(sql: string, parameters: readonly unknown[] = []): Promise<T[]> =>
    (await pool.query<T>(sql, [...parameters])).rows;
  if (isWatching) await query(triggers);

  return {
    query,
    async changes() {
      const rows = await query<{
        generation_id: string;
        at: Date;
        who: string;
        before: RowState | null;
        after: RowState;
      }>("select generation_id, at, who, before, after from witnessed_rows order by n");
      return rows.map(({ generation_id: generationId, at, ...rest }) => ({
        generationId,
        at: at.getTime(),
        ...rest,
      }));
    },
    async statuses() {
      const rows = await query<{ id: string; status: string }>("select id, status from generations");
      return new Map(rows.map(({ id, status }) => [id, status]));
    },
    async log(id) {
      const rows = await query<{ seq_from: number; created_at: Date; events: GenerationEventBody[] }>(
        "select seq_from, created_at, events from generation_events where generation_id = $1 order by seq_to",
        [id],
      );
      return rows.flatMap(({ seq_from: from, created_at: at, events }) =>
        events.map((body, index) => ({ ...body, generationId: id, seq: from + index, at: at.toISOString() })),
      );
    },
    files: (id) =>
      query<StoredFile>(
        `select path, bytes, sha256, partial, coalesce(content,
           (select string_agg(p.content, '' order by p.part) from generation_file_parts p
            where p.generation_id = f.generation_id and p.path = f.path), '') as content
         from generation_files f where generation_id = $1`,
        [id],
      ),
    async inbox(userId) {
      const rows = await query<{ seq: number }>(
        "select seq from notifications where user_id = $1 order by seq",
        [userId],
      );
      const [inbox] = await query<{ last_seq: number }>("select last_seq from inboxes where user_id = $1", [
        userId,
      ]);
      return { seqs: rows.map(({ seq }) => seq), lastSeq: inbox?.last_seq ?? 0 };
    },
    async close() {
      await pool.end();
    },
  };
}
