import { userTopic, type SessionsRevokedNews } from "@vibe-friend/contracts/bus-messages";
import type { Bus } from "@vibe-friend/redis-kit/bus/bus";
import type { News } from "../domain/ports";

/** One message per user. */
export function createBusNews(bus: Pick<Bus, "publish">): News {
  return {
    async sessionsRevoked(sessions) {
      for (const userId of new Set(sessions.map((session) => session.userId))) {
        const ended = sessions.filter((session) => session.userId === userId);
        const sessionIds = ended.map((session) => session.id);
        const news: SessionsRevokedNews = { type: "sessions-revoked", userId, sessionIds };
        await bus.publish(userTopic(userId), news);
      }
    },
  };
}
