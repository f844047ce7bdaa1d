import { internalNotificationCalls } from "@vibe-friend/contracts/internal";
import { createInternalRoutes } from "@vibe-friend/service-kit/internal-routes";
import type { ManageInbox } from "../domain/manage-inbox";

/** The gateway's calls, behind the internal token. */
export function createInboxRoutes(manageInbox: ManageInbox, tokenSecret: string) {
  return createInternalRoutes({
    calls: internalNotificationCalls,
    audience: "notification",
    secret: tokenSecret,
    handlers: {
      inbox: (query) => manageInbox.list(query),
      "mark-read": (target) => manageInbox.markRead(target),
      "mark-all-read": ({ userId }) => manageInbox.markAllRead(userId),
      announce: (order) => manageInbox.announce(order),
      async limit(order) {
        await manageInbox.tellLimit(order);
        return {};
      },
    },
  });
}
