import type { JournalNote } from "@vibe-friend/redis-kit/journal/journal-store";
import type { SessionRecord } from "@vibe-friend/redis-kit/sessions/session-record";
import type {
  Revocation,
  SessionSelector,
  SessionTruth,
} from "@vibe-friend/redis-kit/sessions/session-truth";
import { SessionRefused } from "../errors";
import type { Sql } from "../sql";
import { createRedisJournal } from "./redis-journal";

/** Sessions as Postgres knows them; limits are judged on the database's clock. */
export function createSessionTruth(sql: Sql): SessionTruth {
  return {
    insert: (hash, record) => insertSession(sql, hash, record),
    async find(hash) {
      const [row] = await sql.query<SessionRow>(
        `select s.* from sessions s join users u on u.id = s.user_id where s.token_hash = $1 and ${isOpen}`,
        [hash],
      );
      return row && toRecord(row);
    },
    async touch(hash, atMs, idleExpiresAtMs) {
      await sql.query(
        `update sessions s
         set last_seen_at = greatest(s.last_seen_at, ${fromMs("$2")}),
             idle_expires_at = least(greatest(s.idle_expires_at, ${fromMs("$3")}), s.absolute_expires_at)
         from users u where u.id = s.user_id and s.token_hash = $1 and ${isOpen}`,
        [hash, atMs, idleExpiresAtMs],
      );
    },
    revoke: (selector, note) => sql.transaction((tx) => revokeSessions(tx, selector, note)),
    rotate: (fresh, previousHash, note) =>
      sql.transaction(async (tx) => {
        await insertSession(tx, fresh.hash, fresh.record);
        return revokeSessions(tx, { kind: "hash", hash: previousHash }, note);
      }),
    async listByUser(userId) {
      const rows = await sql.query<SessionRow>(
        `select s.* from sessions s join users u on u.id = s.user_id
         where s.user_id = $1 and ${isOpen} order by s.last_seen_at desc, s.id desc`,
        [userId],
      );
      return rows.map(toRecord);
    },
  };
}

async function insertSession(sql: Sql, hash: string, record: SessionRecord): Promise<void> {
  // The lock waits for whoever is disabling this user or ending all sessions right now.
  const rows = await sql.query(
    `insert into sessions (id, token_hash, user_id, user_epoch, user_agent, ip,
       created_at, last_seen_at, idle_expires_at, absolute_expires_at)
     select $1, $2, u.id, $4, $5, $6, ${fromMs("$7")}, ${fromMs("$8")}, ${fromMs("$9")}, ${fromMs("$10")}
     from users u where u.id = $3 and u.session_epoch = $4 and u.disabled_at is null for share of u
     returning id`,
    [
      record.id,
      hash,
      record.userId,
      record.userEpoch,
      record.userAgent ?? null,
      record.ip ?? null,
      record.createdAt,
      record.lastSeenAt,
      record.idleExpiresAt,
      record.absoluteExpiresAt,
    ],
  );
  if (rows.length === 0) throw new SessionRefused("the account was disabled or signed out meanwhile");
}

async function revokeSessions(tx: Sql, selector: SessionSelector, note: JournalNote): Promise<Revocation> {
  const { condition, parameters } = select(selector);
  const rows = await tx.query<SessionRow>(
    `update sessions s set revoked_at = now() where s.revoked_at is null and ${condition} returning s.*`,
    parameters,
  );
  const sessions = rows.map((row) => ({ id: row.id, userId: row.user_id, hash: row.token_hash }));
  if (sessions.length === 0) return { sessions };
  const hashes = sessions.map((session) => session.hash);
  return { sessions, journalId: await createRedisJournal(tx).append(note, { hashes }) };
}

/** SQL: session `s` of user `u` is good, on this database's clock. */
const isOpen = `s.revoked_at is null and s.idle_expires_at > now() and s.absolute_expires_at > now()
  and s.user_epoch = u.session_epoch and u.disabled_at is null`;

interface SessionRow {
  readonly id: string;
  readonly token_hash: string;
  readonly user_id: string;
  readonly user_epoch: number;
  readonly created_at: Date;
  readonly last_seen_at: Date;
  readonly idle_expires_at: Date;
  readonly absolute_expires_at: Date;
  readonly user_agent: string | null;
  readonly ip: string | null;
}

function fromMs(parameter: string): string {
  return `to_timestamp(${parameter}::float8 / 1000)`;
}

function select(selector: SessionSelector): { condition: string; parameters: unknown[] } {
  switch (selector.kind) {
    case "one":
      return { condition: "s.user_id = $1 and s.id = $2", parameters: [selector.userId, selector.sessionId] };
    case "hash":
      return { condition: "s.token_hash = $1", parameters: [selector.hash] };
    case "user":
      return {
        condition: "s.user_id = $1 and s.id is distinct from $2::uuid",
        parameters: [selector.userId, selector.except ?? null],
      };
  }
}

function toRecord(row: SessionRow): SessionRecord {
  return {
    id: row.id,
    userId: row.user_id,
    userEpoch: row.user_epoch,
    createdAt: row.created_at.getTime(),
    lastSeenAt: row.last_seen_at.getTime(),
    idleExpiresAt: row.idle_expires_at.getTime(),
    absoluteExpiresAt: row.absolute_expires_at.getTime(),
    ...(row.user_agent === null ? {} : { userAgent: row.user_agent }),
    ...(row.ip === null ? {} : { ip: row.ip }),
  };
}
