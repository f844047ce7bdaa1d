import { readRequestId } from "@vibe-friend/service-kit/request-id";
import type { Inboxes } from "../domain/ports";
import type { RouteHandlers } from "./api-routes";
import { describeCaller } from "./caller";

type NotificationHandlers = Pick<
  RouteHandlers,
  "listNotifications" | "readNotification" | "readAllNotifications" | "announce"
>;

export function createNotificationsRoutes(inboxes: Inboxes): NotificationHandlers {
  return {
    async listNotifications({ principal, query }, request, response) {
      const { userId } = principal.session;
      response.json(await inboxes.list({ userId, ...query }, readRequestId(request)));
    },
    async readNotification({ principal, params }, request, response) {
      const { userId } = principal.session;
      response.json(await inboxes.markRead({ userId, id: params.id }, readRequestId(request)));
    },
    async readAllNotifications({ principal }, request, response) {
      response.json(await inboxes.markAllRead(principal.session.userId, readRequestId(request)));
    },
    async announce({ principal, body }, request, response) {
      const { userId } = principal.session;
      response.status(201).json(await inboxes.announce({ body, userId, caller: describeCaller(request) }));
    },
  };
}
