import type { Announcement, AnnounceBody } from "@vibe-friend/contracts/notification";
import { v7 as createId } from "uuid";
import type { Sql } from "../sql";
import { inboxesGate } from "./add-notification";
import { createAuditLog, type AuditEntry } from "./audit-log";

export interface NewAnnouncement extends AnnounceBody {
  /** Who says it, from where. */
  readonly by: Pick<AuditEntry, "ip" | "userAgent" | "requestId"> & { readonly userId: string };
}

const TITLE = "Announcement";

/**
 * Puts an announcement into every inbox whose owner is not disabled, or into none. It waits until nobody is adding
 * to an inbox before it locks any, so that nobody can wait for it in a circle. Who registers meanwhile doesn't
 * get it.
 */
export async function announce(sql: Sql, announcement: NewAnnouncement): Promise<Announcement> {
  const { level, message, by } = announcement;
  const id = createId();
  return sql.transaction(async (tx) => {
    await tx.query(`select pg_advisory_xact_lock(${inboxesGate})`);
    const inboxes = await tx.query<{ user_id: string; last_seq: number }>(
      `insert into inboxes as i (user_id, last_seq)
       select id, 1 from users where disabled_at is null
       on conflict (user_id) do update set last_seq = i.last_seq + 1
       returning user_id, last_seq`,
    );
    const [first] = await tx.query<{ at: Date }>("select now() as at");
    await tx.query(
      `insert into notifications (id, user_id, seq, kind, level, title, body, announcement_id)
       select p.id, p.user_id, p.seq, 'announcement', $4, $5, $6, $7
       from unnest($1::uuid[], $2::uuid[], $3::int[]) as p (id, user_id, seq)`,
      [
        inboxes.map(() => createId()),
        inboxes.map((inbox) => inbox.user_id),
        inboxes.map((inbox) => inbox.last_seq),
        ...[level, TITLE, message, id],
      ],
    );
    const people = inboxes.length;
    await createAuditLog(tx).append({
      ...by,
      action: "announcement.made",
      target: id,
      details: { level, message, people },
    });
    return { id, level, message, people, at: (first?.at ?? new Date()).toISOString() };
  });
}
