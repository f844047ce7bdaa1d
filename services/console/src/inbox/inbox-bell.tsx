import { ActionIcon, Indicator, Popover, Tooltip } from "@mantine/core";
import { IconBell } from "@tabler/icons-react";
import { useInfiniteQuery } from "@tanstack/react-query";
import { useState } from "react";
import { badgeOf, describeBell } from "./describe-notification";
import { InboxPanel } from "./inbox-panel";
import { inboxQuery } from "./inbox-queries";

/** The bell in the header, and the panel that it opens. */
export function InboxBell() {
  const [opened, setOpened] = useState(false);
  const inbox = useInfiniteQuery(inboxQuery);
  const unreadCount = inbox.data?.pages[0]?.unreadCount ?? 0;
  const badge = badgeOf(unreadCount);
  const label = describeBell(unreadCount);
  return (
    <Popover
      opened={opened}
      onChange={setOpened}
      position="bottom-end"
      width="min(400px, calc(100vw - 24px))"
      shadow="md"
      radius="lg"
      trapFocus
      returnFocus
    >
      <Popover.Target>
        <Tooltip label={label} disabled={opened}>
          <Indicator
            label={<span data-testid="inbox-badge">{badge}</span>}
            disabled={badge === undefined}
            size={17}
            offset={5}
            color="red"
          >
            <ActionIcon
              variant="subtle"
              color="gray"
              size="lg"
              aria-label={label}
              aria-haspopup="dialog"
              aria-expanded={opened}
              data-testid="inbox-bell"
              data-unread={unreadCount}
              onClick={() => {
                setOpened(!opened);
              }}
            >
              <IconBell size={19} stroke={1.7} />
            </ActionIcon>
          </Indicator>
        </Tooltip>
      </Popover.Target>
      <Popover.Dropdown p={0} aria-label="Notifications" data-testid="inbox-panel">
        <InboxPanel
          onLeave={() => {
            setOpened(false);
          }}
        />
      </Popover.Dropdown>
    </Popover>
  );
}
