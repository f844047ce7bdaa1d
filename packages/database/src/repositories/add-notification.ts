import { v7 as createId } from "uuid";
import type { Sql } from "../sql";

/** What a person is told. */
export interface NewNotification {
  readonly userId: string;
  readonly kind: "completed" | "failed" | "limit" | "announcement";
  readonly level: "info" | "success" | "warning" | "error";
  readonly title: string;
  readonly body?: string;
  readonly generationId?: string;
  /** the person is told only once under this key */
  readonly onceKey?: string;
}

/** SQL: held shared by who adds to inboxes in any order, exclusively by who locks all of them. */
export const inboxesGate = "hashtextextended('inboxes', 0)";

/**
 * Puts one notification into a person's inbox, in the transaction of what it tells. The inbox's row is locked
 * until then, so numbers have no gaps and a reader never sees a higher one before a lower one.
 *
 * @returns its number; undefined when it was told before
 */
export async function addNotification(tx: Sql, notification: NewNotification): Promise<number | undefined> {
  const { userId, kind, level, title, body = "", generationId = null, onceKey = null } = notification;
  const [row] = await tx.query<{ seq: number }>(
    `with gate as materialized (
       select pg_advisory_xact_lock_shared(${inboxesGate})
     ), inbox as (
       insert into inboxes as i (user_id, last_seq)
       select $1, 1 from gate where $8::text is null
         or not exists (select 1 from notifications where user_id = $1 and once_key = $8)
       on conflict (user_id) do update set last_seq = i.last_seq + 1
       returning last_seq
     )
     insert into notifications (id, user_id, seq, kind, level, title, body, generation_id, once_key)
     select $2, $1, last_seq, $3, $4, $5, $6, $7, $8 from inbox
     returning seq`,
    [userId, createId(), kind, level, title, body, generationId, onceKey],
  );
  return row?.seq;
}
