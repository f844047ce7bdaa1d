import type { SessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import type { Sessions } from "../domain/ports";

/** Sessions as redis-kit finds them: Redis, else Postgres. */
export function createSessionFinder(store: Pick<SessionStore, "find">): Sessions {
  return {
    async find(token) {
      const outcome = await store.find(token);
      if (outcome.kind === "unavailable") return { kind: "unavailable", cause: outcome.fault };
      if (outcome.value === undefined) return { kind: "none" };
      return { kind: "found", session: outcome.value, isDegraded: outcome.kind === "degraded" };
    },
  };
}
