import type { OpenSessions } from "@vibe-friend/database/repositories/open-sessions";
import type { SessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import type { Sessions } from "../domain/ports";

/** Sessions through redis-kit at the handshake, and from Postgres alone while a socket is open. */
export function createSessionReader(store: SessionStore, openSessions: OpenSessions): Sessions {
  return {
    async find(token) {
      const outcome = await store.find(token);
      if (outcome.kind === "unavailable") return { kind: "unavailable" };
      if (outcome.value === undefined) return { kind: "none" };
      return { kind: "found", person: { userId: outcome.value.userId, sessionId: outcome.value.id } };
    },
    findOpen: (sessionIds) => openSessions.findOpen(sessionIds),
  };
}
