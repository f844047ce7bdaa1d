import { CloseButton } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { chooseAnnouncement } from "./describe-notification";
import { inboxQuery, useMarkRead } from "./inbox-queries";
import classes from "./inbox.module.css";
import { LevelIcon } from "./level-icon";
import { useLiveInbox } from "./use-live-inbox";

/** The newest unread announcement above every page, until the person closes it. */
export function AnnouncementBanner() {
  useLiveInbox();
  const inbox = useInfiniteQuery(inboxQuery);
  const markRead = useMarkRead();
  const announcement = chooseAnnouncement(inbox.data?.pages.flatMap((page) => page.items) ?? []);
  // The region is there before its text, so that a screen reader says what comes into it.
  return (
    <div role="status">
      {announcement !== undefined && (
        <div className={classes.banner} data-testid="announcement-banner" data-level={announcement.level}>
          <LevelIcon level={announcement.level} />
          <span className={classes.announcement}>{announcement.body}</span>
          <CloseButton
            size="sm"
            aria-label="Close this announcement"
            data-testid="announcement-close"
            disabled={markRead.isPending}
            onClick={() => {
              markRead.mutate(announcement.id);
            }}
          />
        </div>
      )}
    </div>
  );
}
