import type { Page } from "@vibe-friend/contracts/ids";
import type {
  Announcement,
  Notification,
  ReadAllNotificationsResult,
  ReadNotificationResult,
} from "@vibe-friend/contracts/notification";
import { InvalidCursor, NotFound } from "../errors";
import { violates } from "../map-fault";
import type { Sql } from "../sql";
import { addNotification, type NewNotification } from "./add-notification";
import { announce, type NewAnnouncement } from "./announce";
import { notificationColumns, toNotification, type NotificationRow } from "./notification-rows";

export interface NotificationQuery {
  /** 1 to 100 */
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly unread?: boolean | undefined;
}

/** Where a reader of an inbox stands. */
export interface InboxPosition {
  readonly userId: string;
  readonly lastSeq: number;
}

/** What an inbox holds for somebody who has just come. */
export interface UnreadNotifications {
  /** The latest, in order. */
  readonly notifications: readonly Notification[];
  /** Of all, also of those left out. */
  readonly unreadCount: number;
  /** What comes later has a higher `seq`. */
  readonly lastSeq: number;
}

/** Inboxes. `seq` rises by 1 per person, and a reader never sees a higher one before a lower one. */
export interface Notifications {
  /** Newest first. @throws {InvalidCursor} */
  list(userId: string, query: NotificationQuery): Promise<Page<Notification>>;
  unreadCount(userId: string): Promise<number>;
  /** Read once is read; again changes nothing. @throws {NotFound} also for somebody else's */
  markRead(userId: string, id: string): Promise<ReadNotificationResult>;
  /** All that have come until now. */
  markAllRead(userId: string): Promise<ReadAllNotificationsResult>;
  /** For many readers in one question: of each the next `limit` behind `lastSeq`, in order. By person. */
  readAfter(
    positions: readonly InboxPosition[],
    limit: number,
  ): Promise<ReadonlyMap<string, readonly Notification[]>>;
  /** @param limit how many at most; the older ones are left out */
  unread(userId: string, limit: number): Promise<UnreadNotifications>;
  /** Where inboxes end; who never got anything is left out. */
  positions(userIds: readonly string[]): Promise<readonly InboxPosition[]>;
  /** @returns its number; undefined when it was told before under this key */
  add(notification: NewNotification): Promise<number | undefined>;
  /** Into every inbox whose owner is not disabled, together with the audit entry. */
  announce(announcement: NewAnnouncement): Promise<Announcement>;
}

export function createNotifications(sql: Sql): Notifications {
  async function unreadCount(userId: string): Promise<number> {
    const [row] = await sql.query<{ count: number }>(
      "select count(*)::int as count from notifications where user_id = $1 and read_at is null",
      [userId],
    );
    return row?.count ?? 0;
  }

  return {
    unreadCount,
    add: (notification) =>
      addNotification(sql, notification).catch((error: unknown) => {
        // Somebody else told it at this very moment.
        if (violates(error, "notifications_once_key")) return undefined;
        throw error;
      }),
    announce: (announcement) => announce(sql, announcement),

    async list(userId, { limit, cursor, unread = false }) {
      const before = cursor === undefined ? null : parseSeqCursor(cursor);
      const rows = await sql.query<NotificationRow>(
        `select ${notificationColumns} from notifications n
         where n.user_id = $1 and ($2::int is null or n.seq < $2) ${unread ? "and n.read_at is null" : ""}
         order by n.seq desc limit $3`,
        [userId, before, limit + 1],
      );
      const items = rows.slice(0, limit).map(toNotification);
      const last = rows.length > limit ? items.at(-1) : undefined;
      return { items, nextCursor: last === undefined ? null : encodeSeqCursor(last.seq) };
    },

    async markRead(userId, id) {
      const [row] = await sql.query<NotificationRow>(
        `update notifications n set read_at = coalesce(n.read_at, now())
         where n.id = $1 and n.user_id = $2 returning ${notificationColumns}`,
        [id, userId],
      );
      if (row === undefined) throw new NotFound("there is no such notification");
      return { notification: toNotification(row), unreadCount: await unreadCount(userId) };
    },

    async markAllRead(userId) {
      const rows = await sql.query(
        "update notifications set read_at = now() where user_id = $1 and read_at is null returning id",
        [userId],
      );
      return { read: rows.length, unreadCount: await unreadCount(userId) };
    },

    async readAfter(positions, limit) {
      const found = new Map<string, Notification[]>();
      if (positions.length === 0) return found;
      const rows = await sql.query<NotificationRow & { user_id: string }>(
        `select n.user_id, ${notificationColumns}
         from unnest($1::uuid[], $2::int[]) as p (user_id, last_seq)
         cross join lateral (
           select * from notifications m where m.user_id = p.user_id and m.seq > p.last_seq
           order by m.seq limit $3
         ) n
         order by n.user_id, n.seq`,
        [positions.map(({ userId }) => userId), positions.map(({ lastSeq }) => lastSeq), limit],
      );
      for (const row of rows) {
        const own = found.get(row.user_id) ?? [];
        own.push(toNotification(row));
        found.set(row.user_id, own);
      }
      return found;
    },

    async unread(userId, limit) {
      // One statement, so one moment: nothing can be above `lastSeq` and among the unread ones, or neither.
      const rows = await sql.query<
        (NotificationRow | { readonly id: null }) & { last_seq: number; unread: number }
      >(
        `select i.last_seq, i.unread, ${notificationColumns}
         from (
           select coalesce((select last_seq from inboxes where user_id = $1), 0) as last_seq,
                  (select count(*)::int from notifications where user_id = $1 and read_at is null) as unread
         ) i
         left join lateral (
           select * from notifications where user_id = $1 and read_at is null order by seq desc limit $2
         ) n on true
         order by n.seq`,
        [userId, limit],
      );
      return {
        notifications: rows.flatMap((row) => (row.id === null ? [] : [toNotification(row)])),
        unreadCount: rows[0]?.unread ?? 0,
        lastSeq: rows[0]?.last_seq ?? 0,
      };
    },

    async positions(userIds) {
      if (userIds.length === 0) return [];
      const rows = await sql.query<{ user_id: string; last_seq: number }>(
        "select user_id, last_seq from inboxes where user_id = any($1::uuid[])",
        [userIds],
      );
      return rows.map((row) => ({ userId: row.user_id, lastSeq: row.last_seq }));
    },
  };
}

function encodeSeqCursor(seq: number): string {
  return Buffer.from(`seq.${seq}`).toString("base64url");
}

/** @throws {InvalidCursor} */
function parseSeqCursor(cursor: string): number {
  const match = /^seq\.([1-9]\d{0,8})$/.exec(Buffer.from(cursor, "base64url").toString("latin1"));
  if (match?.[1] === undefined) throw new InvalidCursor("the cursor is not one of this list");
  return Number(match[1]);
}
