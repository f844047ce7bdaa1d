import { infiniteQueryOptions, useMutation } from "@tanstack/react-query";
import { client } from "../client";
import { queryClient } from "../query-client";

const inboxKey = ["inbox"] as const;

/** Newest first; every page tells how many are unread. */
export const inboxQuery = infiniteQueryOptions({
  queryKey: inboxKey,
  queryFn: ({ pageParam, signal }) => client.notifications.list({ cursor: pageParam, limit: 20, signal }),
  initialPageParam: undefined as string | undefined,
  getNextPageParam: ({ nextCursor }) => nextCursor ?? undefined,
});

export function refreshInbox(): Promise<void> {
  return queryClient.invalidateQueries({ queryKey: inboxKey });
}

export function useMarkRead() {
  return useMutation({
    mutationFn: (id: string) => client.notifications.markRead(id),
    onSettled: refreshInbox,
  });
}

export function useMarkAllRead() {
  return useMutation({ mutationFn: () => client.notifications.markAllRead(), onSettled: refreshInbox });
}
