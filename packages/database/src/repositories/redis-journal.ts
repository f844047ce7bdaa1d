import type { JournalEntry, JournalStore } from "@vibe-friend/redis-kit/journal/journal-store";
import type { Sql } from "../sql";
import { toStorableJson } from "./storable-json";

/** redis-kit's journal, and what keeps it small. */
export interface RedisJournal extends JournalStore {
  /** Deletes rows drained longer ago than this. @returns how many */
  prune(olderThanMs: number): Promise<number>;
  countOpen(): Promise<number>;
}

export function createRedisJournal(sql: Sql): RedisJournal {
  return {
    async append(note, payload) {
      await sql.query("insert into redis_journal (role, kind, payload) values ($1, $2, $3::jsonb)", [
        note.role,
        note.kind,
        toStorableJson(payload),
      ]);
    },
    drain: ({ role, limit }, apply) =>
      sql.transaction(async (tx) => {
        const entries = await tx.query<JournalEntry>(
          `select id, role, kind, payload from redis_journal
           where role = $1 and drained_at is null order by id limit $2 for update skip locked`,
          [role, limit],
        );
        if (entries.length === 0) return 0;
        await apply(entries);
        await tx.query("update redis_journal set drained_at = now() where id = any($1::bigint[])", [
          entries.map((entry) => entry.id),
        ]);
        return entries.length;
      }),
    async prune(olderThanMs) {
      const rows = await sql.query(
        "delete from redis_journal where drained_at < now() - $1 * interval '1 ms' returning id",
        [olderThanMs],
      );
      return rows.length;
    },
    async countOpen() {
      const [row] = await sql.query<{ count: number }>(
        "select count(*)::int as count from redis_journal where drained_at is null",
      );
      return row?.count ?? 0;
    },
  };
}
