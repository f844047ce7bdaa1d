import type { Notification } from "@vibe-friend/contracts/notification";
import { createFollower, type Follower, type FollowListener } from "@vibe-friend/service-kit/log-follower";
import type { InboxNews, InboxReads, NotificationLogger } from "./ports";
import { createSharedReads } from "./shared-reads";

export interface InboxFeedOptions {
  readonly inboxes: Pick<InboxReads, "readAfter" | "positions">;
  readonly news: InboxNews;
  readonly logger: NotificationLogger;
  /** Milliseconds between looks at the positions of everybody who is here: finds what no news told. Default 1000. */
  readonly pollMs?: number;
}

/** Everything that comes into inboxes, once and in order. */
export interface InboxFeed {
  /** Hands what comes behind `after` to the listener. @returns what ends it */
  follow(
    position: { readonly userId: string; readonly after: number },
    listener: FollowListener<Notification>,
  ): () => void;
  /** People followed, for metrics. */
  readonly size: () => number;
  close(): void;
}

/** Notifications read at once for one socket; bounds what a slow one keeps. */
const PAGE = 20;

type InboxFollower = Follower<Notification>;

/**
 * Postgres is the truth, news say when to look, and one look a second at all positions finds what no news told.
 * Sockets that have to read do so in one question for all of them.
 */
export function createInboxFeed(options: InboxFeedOptions): InboxFeed {
  const { inboxes, news, logger, pollMs = 1000 } = options;
  const people = new Map<string, { readonly followers: Set<InboxFollower>; readonly stop: () => void }>();
  const log = createSharedReads((positions) => inboxes.readAfter(positions, PAGE));
  let looking = false;
  let lookAgain = false;
  let failing = false;

  /** One question for everybody who is here; whoever is behind reads on. */
  async function look(): Promise<void> {
    lookAgain = true;
    if (looking) return;
    looking = true;
    try {
      while (hasMore()) {
        lookAgain = false;
        for (const { userId, lastSeq } of await inboxes.positions([...people.keys()])) aim(userId, lastSeq);
      }
      failing = false;
    } catch (error) {
      if (!failing) logger.warn("inboxes can't be read, trying again", { cause: String(error) });
      failing = true;
    } finally {
      looking = false;
    }
  }

  const hasMore = () => lookAgain && people.size > 0;

  function aim(userId: string, lastSeq: number | undefined): void {
    for (const follower of people.get(userId)?.followers ?? []) {
      if (lastSeq === undefined) follower.look();
      else follower.aim(lastSeq);
    }
  }

  function come(userId: string) {
    const stop = news.onInbox(userId, (lastSeq) => {
      aim(userId, lastSeq);
    });
    const person = { followers: new Set<InboxFollower>(), stop };
    people.set(userId, person);
    return person;
  }

  function leave(userId: string, follower: InboxFollower): void {
    follower.close();
    const person = people.get(userId);
    if (!person?.followers.delete(follower) || person.followers.size > 0) return;
    people.delete(userId);
    person.stop();
  }

  const timer = setInterval(() => void look(), pollMs);
  timer.unref();
  const stops = [news.onAnnounced(() => void look()), news.onGap(() => void look())];

  return {
    follow({ userId, after }, listener) {
      const person = people.get(userId) ?? come(userId);
      const follower = createFollower<Notification>({
        id: userId,
        after,
        listener,
        log,
        pageSize: PAGE,
        retryMs: Math.max(1, Math.floor(pollMs / 4)),
        onBroken: () => {
          leave(userId, follower);
        },
      });
      person.followers.add(follower);
      // What came since `after` was read, and before news could be heard.
      follower.look();
      return () => {
        leave(userId, follower);
      };
    },
    size: () => people.size,
    close() {
      clearInterval(timer);
      for (const stop of stops) stop();
      for (const [userId, { followers }] of people) for (const follower of followers) leave(userId, follower);
    },
  };
}
