import type { Notification } from "@vibe-friend/contracts/notification";

/** What the bell is called: what it opens, and whether it is worth it. */
export function describeBell(unreadCount: number): string {
  return unreadCount === 0 ? "Notifications" : `Notifications, ${unreadCount} unread`;
}

/** The number on the bell; undefined for none. */
export function badgeOf(unreadCount: number): string | undefined {
  if (unreadCount === 0) return undefined;
  return unreadCount > 99 ? "99+" : String(unreadCount);
}

/** The newest announcement that wasn't read yet, which stays in sight until it is. */
export function chooseAnnouncement(items: readonly Notification[]): Notification | undefined {
  return items.find(({ kind, readAt }) => kind === "announcement" && readAt === null);
}

/** Where one leads; undefined when there is nothing more to see. */
export function targetOf({ generationId }: Notification): string | undefined {
  return generationId === null ? undefined : `/g/${generationId}`;
}
