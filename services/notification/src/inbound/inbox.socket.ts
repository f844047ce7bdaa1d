import type { Notification } from "@vibe-friend/contracts/notification";
import { createDeliver, type DeliveryLimits } from "../domain/deliver";
import type { OpenInbox } from "../domain/open-inbox";
import type { NotificationMetrics } from "../domain/ports";
import { createNotificationOutlet } from "./outlet";
import type { LiveServer } from "./socket-server";

export interface InboxSocketDependencies {
  readonly openInbox: OpenInbox;
  readonly metrics: NotificationMetrics;
  readonly limits: DeliveryLimits;
}

/** `notification`: every socket hears of its person's inbox without asking. */
export function serveInboxes(io: LiveServer, { openInbox, metrics, limits }: InboxSocketDependencies): void {
  io.on("connection", (socket) => {
    const deliver = createDeliver(createNotificationOutlet(socket), {
      metrics,
      limits,
      onSent: metrics.notified,
      sizeOf,
    });
    socket.on("disconnect", openInbox(socket.data.person, deliver));
  });
}

function sizeOf({ title, body }: Notification): number {
  return 400 + title.length + body.length;
}
