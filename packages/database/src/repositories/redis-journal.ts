import type { RedisRoleName } from "@vibe-friend/redis-kit/connection/redis-role";
import { leaveToWriterMs, lookLimit, rememberMs } from "@vibe-friend/redis-kit/journal/journal-store";
import type {
  EpochRecord,
  JournalEntry,
  JournalStore,
  TruthLook,
} from "@vibe-friend/redis-kit/journal/journal-store";
import type { Sql } from "../sql";
import { toStorableJson } from "./storable-json";

/** redis-kit's journal, and how much of it Redis still has to learn. */
export interface RedisJournal extends JournalStore {
  countOpen(): Promise<number>;
}

/**
 * @param sql the pool, or the transaction that the row belongs to
 * @param lookSql where looks run, if not there: a connection of their own isn't kept waiting by a busy pool
 */
export function createRedisJournal(sql: Sql, lookSql: Sql = sql): RedisJournal {
  return {
    async append(note, payload) {
      const [row] = await sql.query<{ id: string }>(
        "insert into redis_journal (role, kind, payload) values ($1, $2, $3::jsonb) returning id",
        [note.role, note.kind, toStorableJson(payload)],
      );
      if (row === undefined) throw new Error("the insert returned no row");
      return row.id;
    },
    async settle({ role, ids, epoch }) {
      await markTaken(sql, { role, ids, epoch });
    },
    drain: ({ role, limit, epoch }, apply) =>
      sql.transaction(async (tx) => {
        const entries = await tx.query<JournalEntry>(
          `select id, role, kind, payload from redis_journal
           where role = $1 and drained_at is null
             and created_at <= clock_timestamp() - ${leaveToWriterMs} * interval '1 ms'
           order by id limit $2 for update skip locked`,
          [role, limit],
        );
        if (entries.length === 0) return 0;
        await apply(entries);
        return markTaken(tx, { role, ids: entries.map((entry) => entry.id), epoch });
      }),
    async look() {
      const [row] = await lookSql.query<LookRow>(lookStatement);
      if (row === undefined) throw new Error("the look returned no row");
      return {
        epochs: row.epochs,
        rows: row.rows.slice(0, lookLimit),
        overflow: row.rows.length > lookLimit,
      };
    },
    async advanceEpoch({ role, expected, servers }) {
      const [advanced] = await lookSql.query<EpochRow>(
        `insert into redis_epochs (role, epoch, servers) values ($1, ${nextEpoch}, $3)
         on conflict (role) do update set epoch = excluded.epoch, servers = excluded.servers
           where redis_epochs.epoch = $2
         returning role, epoch, servers`,
        [role, expected, servers],
      );
      if (advanced !== undefined) return toRecord(advanced);
      // A statement of its own: the one before may not see what it waited for.
      const [stands] = await lookSql.query<EpochRow>(
        "select role, epoch, servers from redis_epochs where role = $1",
        [role],
      );
      return stands === undefined ? { role, epoch: 0, servers: "" } : toRecord(stands);
    },
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

/**
 * The time in milliseconds, so that no number comes twice: after a restore of this database from an older backup
 * Redis may still hold what was written in epochs that have been forgotten here.
 */
const nextEpoch = "greatest($2::bigint + 1, floor(extract(epoch from clock_timestamp()) * 1000)::bigint)";

/** Two partial indexes answer it; it reads open rows and those of the last seconds, however many there are. */
export const lookStatement = `
  select
    (select coalesce(json_agg(json_build_object('role', role, 'epoch', epoch, 'servers', servers)), '[]')
     from redis_epochs) as epochs,
    (select coalesce(json_agg(json_build_object(
       'id', seen.id::text, 'role', seen.role, 'kind', seen.kind, 'payload', seen.payload, 'open', seen.open)), '[]')
     from (
       (select id, role, kind, payload, true as open from redis_journal
        where drained_at is null limit ${lookLimit + 1})
       union all
       (select id, role, kind, payload, false as open from redis_journal
        where drained_at > now() - ${rememberMs} * interval '1 ms' limit ${lookLimit + 1})
       limit ${lookLimit + 1}
     ) seen) as rows`;

interface LookRow {
  readonly epochs: TruthLook["epochs"];
  readonly rows: TruthLook["rows"];
}

interface EpochRow {
  readonly role: RedisRoleName;
  /** a bigint, which the driver gives as text */
  readonly epoch: string;
  readonly servers: string;
}

function toRecord({ role, epoch, servers }: EpochRow): EpochRecord {
  return { role, epoch: Number(epoch), servers };
}

interface Taken {
  readonly role: RedisRoleName;
  readonly ids: readonly string[];
  readonly epoch: number | undefined;
}

/** By the clock at this moment: a transaction that waited for Redis began a while ago. */
async function markTaken(sql: Sql, { role, ids, epoch }: Taken): Promise<number> {
  const rows = await sql.query(
    `update redis_journal set drained_at = clock_timestamp()
     where id = any($1::bigint[]) and drained_at is null and ($3::bigint is null
       or $3 = coalesce((select epoch from redis_epochs where redis_epochs.role = $2), 0))
     returning id`,
    [ids, role, epoch ?? null],
  );
  return rows.length;
}
