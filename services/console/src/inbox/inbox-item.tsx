import { ActionIcon, Tooltip, VisuallyHidden } from "@mantine/core";
import { IconCheck } from "@tabler/icons-react";
import type { Notification } from "@vibe-friend/contracts/notification";
import { Link } from "react-router";
import { RelativeTime } from "../shell/relative-time";
import { targetOf } from "./describe-notification";
import classes from "./inbox.module.css";
import { LevelIcon } from "./level-icon";

interface InboxItemProps {
  readonly notification: Notification;
  readonly onRead: () => void;
  readonly onLeave: () => void;
}

/** One notification: following its link reads it. */
export function InboxItem({ notification, onRead, onLeave }: InboxItemProps) {
  const { title, body, at, level, readAt, kind } = notification;
  const target = targetOf(notification);
  const isUnread = readAt === null;
  return (
    <li
      className={classes.item}
      data-testid="inbox-item"
      data-id={notification.id}
      data-kind={kind}
      data-unread={isUnread}
    >
      <LevelIcon level={level} />
      <div className={classes.text}>
        <span className={classes.title}>
          {isUnread && <VisuallyHidden>Unread: </VisuallyHidden>}
          {target === undefined ? (
            title
          ) : (
            <Link
              className={classes.link}
              to={target}
              onClick={() => {
                if (isUnread) onRead();
                onLeave();
              }}
            >
              {title}
            </Link>
          )}
        </span>
        {body !== "" && <span className={classes.body}>{body}</span>}
        <span className={classes.time}>
          <RelativeTime at={at} />
        </span>
      </div>
      {isUnread && (
        <Tooltip label="Mark as read">
          <ActionIcon
            className={classes.read}
            variant="subtle"
            color="gray"
            aria-label={`Mark “${title}” as read`}
            data-testid="inbox-read"
            onClick={onRead}
          >
            <IconCheck size={16} />
          </ActionIcon>
        </Tooltip>
      )}
    </li>
  );
}
