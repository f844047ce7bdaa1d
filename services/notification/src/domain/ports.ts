import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Page } from "@vibe-friend/contracts/ids";
import type { Caller } from "@vibe-friend/contracts/internal";
import type {
  AnnounceBody,
  Announcement,
  Notification,
  ReadAllNotificationsResult,
  ReadNotificationResult,
} from "@vibe-friend/contracts/notification";
import type { SystemStatus } from "@vibe-friend/contracts/system-status";

/** Who is behind a socket. */
export interface Person {
  readonly userId: string;
  readonly sessionId: string;
}

export interface Sessions {
  /** `unavailable`: nobody could be asked, which is no "no". */
  find(
    token: string,
  ): Promise<
    | { readonly kind: "found"; readonly person: Person }
    | { readonly kind: "none" }
    | { readonly kind: "unavailable" }
  >;
  /** Asks Postgres. @returns those that are still good; rejects when it can't be asked */
  findOpen(sessionIds: readonly string[]): Promise<readonly string[]>;
}

export interface Generations {
  /** undefined: there is none of this id that belongs to this user. Rejects when Postgres can't be asked. */
  findPosition(
    userId: string,
    generationId: string,
  ): Promise<{ readonly status: GenerationStatus; readonly lastSeq: number } | undefined>;
}

/** Every event after a position, once and in order; service-kit's feed. */
export interface Feed {
  follow(
    position: { readonly generationId: string; readonly after: number },
    listener: { onEvents(events: readonly GenerationEvent[]): Promise<void> },
  ): Promise<{ close(): void }>;
}

/** Inboxes as sockets read them; Postgres. Rejects when it can't be asked. */
export interface InboxReads {
  /** The latest unread ones in order, and where the inbox ends at that same moment. */
  unread(
    userId: string,
    limit: number,
  ): Promise<{ readonly notifications: readonly Notification[]; readonly lastSeq: number }>;
  /** For many readers in one question: of each the next `limit` behind `lastSeq`, in order. By person. */
  readAfter(
    positions: readonly InboxPosition[],
    limit: number,
  ): Promise<ReadonlyMap<string, readonly Notification[]>>;
  /** Where inboxes end. */
  positions(userIds: readonly string[]): Promise<readonly InboxPosition[]>;
}

export interface InboxPosition {
  readonly userId: string;
  readonly lastSeq: number;
}

/** Inboxes as people use them, each their own. */
export interface Inboxes {
  list(
    userId: string,
    query: {
      readonly limit: number;
      readonly cursor?: string | undefined;
      readonly unread?: boolean | undefined;
    },
  ): Promise<Page<Notification>>;
  unreadCount(userId: string): Promise<number>;
  markRead(userId: string, id: string): Promise<ReadNotificationResult>;
  markAllRead(userId: string): Promise<ReadAllNotificationsResult>;
  /** Into everybody's inbox, or nobody's. */
  announce(
    announcement: AnnounceBody & { readonly by: Caller & { readonly userId: string } },
  ): Promise<Announcement>;
  /** @returns its number; undefined when it was told before under this key */
  add(notification: {
    readonly userId: string;
    readonly kind: "limit";
    readonly level: "warning";
    readonly title: string;
    readonly body: string;
    readonly onceKey: string;
  }): Promise<number | undefined>;
}

/** What others say of inboxes; may be lost, repeated or late. Each returns what stops listening. */
export interface InboxNews {
  /** Without a number: listening has begun, and what was said before was not heard. */
  onInbox(userId: string, listener: (lastSeq?: number) => void): () => void;
  onAnnounced(listener: () => void): () => void;
  /** News may have been lost. */
  onGap(listener: () => void): () => void;
}

/** Tells all nodes; never rejects, may be lost. */
export interface PublishNews {
  grown(userId: string, lastSeq: number): Promise<void>;
  announced(announcementId: string): Promise<void>;
}

/** The way of one kind of message to one browser. */
export interface Outlet<E> {
  send(event: E): void;
  /** Resolves when what was sent has left this process. */
  drained(): Promise<void>;
  /** Ends the connection so that the client comes back; it resumes where it was. */
  cut(reason: string): void;
}

/** One role of Redis as this process sees it. */
export interface RoleView {
  status(): { readonly mode: SystemStatus["mode"]; readonly since: Date };
  onChange(listener: () => void): () => void;
}

export interface NotificationMetrics {
  readonly delivered: (events: number) => void;
  readonly notified: (notifications: number) => void;
  readonly cutSlow: () => void;
  readonly refused: (why: string) => void;
  readonly revoked: (sockets: number) => void;
}

export interface NotificationLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}
