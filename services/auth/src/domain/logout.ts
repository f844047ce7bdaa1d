import type { Caller } from "@vibe-friend/contracts/internal";
import type { AuditLog, News, Sessions } from "./ports";

export interface LogoutDependencies {
  readonly sessions: Sessions;
  readonly news: News;
  readonly audit: AuditLog;
}

/** Ends a session: the row and its journal entry first, then Redis, then the sockets. Twice is once. */
export function createLogout({ sessions, news, audit }: LogoutDependencies) {
  return async function logout(session: {
    userId: string;
    sessionId: string;
    caller: Caller;
  }): Promise<void> {
    const ended = await sessions.revoke(session.sessionId, session.userId);
    if (ended === undefined) return;
    await news.sessionsRevoked([ended]);
    const { userId, caller } = session;
    await audit.append({ userId, action: "auth.logout", target: ended.id, caller });
  };
}
