import {
  ANNOUNCED_TOPIC,
  announcedNewsSchema,
  inboxNewsSchema,
  inboxTopic,
} from "@vibe-friend/contracts/bus-messages";
import type { Bus } from "@vibe-friend/redis-kit/bus/bus";
import type { InboxNews, PublishNews } from "../domain/ports";

/** News of inboxes over the bus: one topic a person who is here, one for everybody. */
export function createInboxNews(bus: Bus): InboxNews & PublishNews {
  const undoing = (subscribed: Promise<() => unknown>) => () => {
    void subscribed.then((unsubscribe) => unsubscribe());
  };
  return {
    onInbox(userId, listener) {
      const subscribed = bus.subscribe(inboxTopic(userId), inboxNewsSchema, ({ lastSeq }) => {
        listener(lastSeq);
      });
      void subscribed.then(() => {
        listener();
      });
      return undoing(subscribed);
    },
    onAnnounced: (listener) =>
      undoing(
        bus.subscribe(ANNOUNCED_TOPIC, announcedNewsSchema, () => {
          listener();
        }),
      ),
    onGap(listener) {
      const stop = bus.onGap(listener);
      return () => {
        stop();
      };
    },
    grown: (userId, lastSeq) => bus.publish(inboxTopic(userId), { userId, lastSeq }),
    announced: (announcementId) => bus.publish(ANNOUNCED_TOPIC, { announcementId }),
  };
}
