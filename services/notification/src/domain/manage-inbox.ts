import type {
  AnnounceBody,
  Announcement,
  Inbox,
  ReadAllNotificationsResult,
  ReadNotificationResult,
} from "@vibe-friend/contracts/notification";
import type { Caller } from "@vibe-friend/contracts/internal";
import type { Inboxes, PublishNews } from "./ports";

export interface ManageInboxDependencies {
  readonly inboxes: Inboxes;
  readonly publish: PublishNews;
  /** Milliseconds since 1970, on the database's clock. */
  readonly clock: () => number;
}

export interface InboxQuery {
  readonly userId: string;
  readonly limit: number;
  readonly cursor?: string | undefined;
  readonly unread?: boolean | undefined;
}

/** What people do with their inbox, and what is put into it here. */
export interface ManageInbox {
  /** @throws invalid_request: a cursor that no list gave out */
  list(query: InboxQuery): Promise<Inbox>;
  /** @throws not_found: also for somebody else's */
  markRead(target: { readonly userId: string; readonly id: string }): Promise<ReadNotificationResult>;
  markAllRead(userId: string): Promise<ReadAllNotificationsResult>;
  /** Committed before it is told: who isn't here finds it when they come. */
  announce(order: {
    readonly body: AnnounceBody;
    readonly userId: string;
    readonly caller: Caller;
  }): Promise<Announcement>;
  /** The day's limit was met; told once a day (UTC). */
  tellLimit(order: { readonly userId: string; readonly limit: number }): Promise<void>;
}

export function createManageInbox({ inboxes, publish, clock }: ManageInboxDependencies): ManageInbox {
  return {
    async list({ userId, ...query }) {
      const [page, unreadCount] = await Promise.all([
        inboxes.list(userId, query),
        inboxes.unreadCount(userId),
      ]);
      return { items: [...page.items], nextCursor: page.nextCursor, unreadCount };
    },
    markRead: ({ userId, id }) => inboxes.markRead(userId, id),
    markAllRead: (userId) => inboxes.markAllRead(userId),
    async announce({ body, userId, caller }) {
      const announcement = await inboxes.announce({ ...body, by: { ...caller, userId } });
      await publish.announced(announcement.id);
      return announcement;
    },
    async tellLimit({ userId, limit }) {
      const day = new Date(clock()).toISOString().slice(0, 10);
      const seq = await inboxes.add({
        userId,
        kind: "limit",
        level: "warning",
        title: "Today's limit is reached",
        body: `At most ${limit} generations may be submitted in a day. The next day begins at 00:00 UTC.`,
        onceKey: `limit:daily:${day}`,
      });
      if (seq !== undefined) await publish.grown(userId, seq);
    },
  };
}
