import type { Notification } from "@vibe-friend/contracts/notification";

/** What a query for notifications returns. */
export interface NotificationRow {
  readonly id: string;
  readonly seq: number;
  readonly kind: Notification["kind"];
  readonly level: Notification["level"];
  readonly title: string;
  readonly body: string;
  readonly generation_id: string | null;
  readonly created_at: Date;
  readonly read_at: Date | null;
}

/** SQL: the columns of a NotificationRow. */
export const notificationColumns =
  "n.id, n.seq, n.kind, n.level, n.title, n.body, n.generation_id, n.created_at, n.read_at";

export function toNotification(row: NotificationRow): Notification {
  return {
    id: row.id,
    seq: row.seq,
    kind: row.kind,
    level: row.level,
    title: row.title,
    body: row.body,
    at: row.created_at.toISOString(),
    generationId: row.generation_id,
    readAt: row.read_at?.toISOString() ?? null,
  };
}
