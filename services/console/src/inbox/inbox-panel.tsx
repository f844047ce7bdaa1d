import { Button, Loader, Text, Title } from "@mantine/core";
import { useInfiniteQuery } from "@tanstack/react-query";
import { ErrorState } from "../shell/error-state";
import { InboxItem } from "./inbox-item";
import { inboxQuery, useMarkAllRead, useMarkRead } from "./inbox-queries";
import classes from "./inbox.module.css";

/** The person's inbox, newest first. */
export function InboxPanel({ onLeave }: { onLeave: () => void }) {
  const inbox = useInfiniteQuery(inboxQuery);
  const markRead = useMarkRead();
  const markAllRead = useMarkAllRead();
  const items = inbox.data?.pages.flatMap((page) => page.items) ?? [];
  const unreadCount = inbox.data?.pages[0]?.unreadCount ?? 0;
  return (
    <section aria-labelledby="inbox-title">
      <div className={classes.head}>
        <Title order={2} fz="md" id="inbox-title">
          Notifications
        </Title>
        <Button
          variant="subtle"
          size="compact-sm"
          disabled={unreadCount === 0}
          loading={markAllRead.isPending}
          data-testid="inbox-read-all"
          onClick={() => {
            markAllRead.mutate();
          }}
        >
          Mark all read
        </Button>
      </div>
      {inbox.isPending && (
        <div className={classes.empty} role="status" aria-label="Loading">
          <Loader type="dots" />
        </div>
      )}
      {inbox.isError && items.length === 0 && (
        <ErrorState error={inbox.error} onRetry={() => void inbox.refetch()} />
      )}
      {inbox.isSuccess && items.length === 0 && (
        <Text className={classes.empty} c="dimmed" size="sm">
          Nothing yet. You hear of it here when something is finished.
        </Text>
      )}
      <ul className={classes.list} aria-label="Notifications, newest first">
        {items.map((notification) => (
          <InboxItem
            key={notification.id}
            notification={notification}
            onLeave={onLeave}
            onRead={() => {
              markRead.mutate(notification.id);
            }}
          />
        ))}
      </ul>
      {inbox.hasNextPage && (
        <div className={classes.more}>
          <Button
            variant="subtle"
            size="compact-sm"
            loading={inbox.isFetchingNextPage}
            onClick={() => void inbox.fetchNextPage()}
          >
            Show older ones
          </Button>
        </div>
      )}
    </section>
  );
}
