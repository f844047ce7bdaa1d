import type { Notification } from "@vibe-friend/contracts/notification";
import type { Deliver } from "./deliver";
import { TooSlow } from "./deliver";
import type { InboxFeed } from "./inbox-feed";
import type { InboxReads, NotificationLogger, Person } from "./ports";

/** Unread notifications that somebody gets who comes; older ones are in the list. */
export const MAX_UNREAD = 100;

export interface OpenInboxDependencies {
  readonly inboxes: Pick<InboxReads, "unread">;
  readonly feed: Pick<InboxFeed, "follow">;
  readonly logger: NotificationLogger;
  /** Milliseconds before Postgres is asked again. Default 250. */
  readonly retryMs?: number;
}

/**
 * The use case behind `notification`: what is unread at every connect, then everything that comes, in order and
 * each once. Postgres may be away meanwhile. @returns what ends it
 */
export function createOpenInbox({ inboxes, feed, logger, retryMs = 250 }: OpenInboxDependencies) {
  return function openInbox(person: Person, deliver: Deliver<Notification>): () => void {
    const { userId } = person;
    let closed = false;
    let stop: (() => void) | undefined;
    let wake: (() => void) | undefined;
    const isOpen = () => !closed;

    async function readUnread() {
      for (let failures = 0; isOpen(); failures += 1) {
        try {
          return await inboxes.unread(userId, MAX_UNREAD);
        } catch (error) {
          if (failures === 0) logger.warn("an inbox can't be read, trying again", { cause: String(error) });
          await pause(retryMs * Math.min(8, 2 ** failures));
        }
      }
      return undefined;
    }

    function pause(durationMs: number): Promise<void> {
      return new Promise((resolve) => {
        const timer = setTimeout(resolve, durationMs);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }

    async function open(): Promise<void> {
      const unread = await readUnread();
      if (unread === undefined) return;
      await deliver(unread.notifications, isOpen);
      if (closed) return;
      stop = feed.follow(
        { userId, after: unread.lastSeq },
        { onEvents: (notifications) => deliver(notifications, isOpen) },
      );
    }

    open().catch((error: unknown) => {
      if (!(error instanceof TooSlow)) logger.error("an inbox could not be opened", { userId, error });
    });
    return () => {
      closed = true;
      wake?.();
      stop?.();
    };
  };
}

export type OpenInbox = ReturnType<typeof createOpenInbox>;
