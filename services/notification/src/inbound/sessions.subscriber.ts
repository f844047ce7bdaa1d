import {
  sessionsRevokedNewsSchema,
  userTopic,
  type SessionsRevokedNews,
} from "@vibe-friend/contracts/bus-messages";
import type { z } from "zod";
import type { NotificationLogger, NotificationMetrics } from "../domain/ports";
import type { WatchSessions } from "../domain/watch-sessions";
import { sessionRoom } from "./handshake.socket";
import { cutConnection } from "./outlet";
import type { LiveServer, LiveSocket } from "./socket-server";

/** The bus as this service hears it. */
export interface UserNewsSource {
  subscribe(
    topic: string,
    schema: z.ZodType<SessionsRevokedNews>,
    handler: (news: SessionsRevokedNews) => void,
  ): Promise<() => unknown>;
}

/** The sockets of this node, by session. */
export function createSessionSockets(io: LiveServer, metrics: NotificationMetrics) {
  const ofSession = (sessionId: string): LiveSocket[] => {
    const ids = io.sockets.adapter.rooms.get(sessionRoom(sessionId)) ?? new Set<string>();
    return [...ids].flatMap((id) => io.sockets.sockets.get(id) ?? []);
  };
  return {
    list: () => [...new Set([...io.sockets.sockets.values()].map((socket) => socket.data.person.sessionId))],
    /** Tells and disconnects them, on every node that Redis reaches and here in any case. */
    end: (sessionIds: readonly string[]): void => {
      for (const sessionId of sessionIds) {
        metrics.revoked(ofSession(sessionId).length);
        const room = io.in(sessionRoom(sessionId));
        room.emit("session:revoked");
        // The adapter leaves its own node's part to Redis too; that must not depend on it.
        room.local.disconnectSockets(true);
        room.disconnectSockets(true);
      }
    },
    cut: (sessionIds: readonly string[]): void => {
      for (const socket of sessionIds.flatMap(ofSession)) cutConnection(socket, { discard: false });
    },
  };
}

export interface RevocationDependencies {
  readonly bus: UserNewsSource;
  readonly end: (sessionIds: readonly string[]) => void;
  readonly logger: NotificationLogger;
}

/** Hears of revoked sessions of the people who have a socket here, and only of theirs. */
export function subscribeToRevocations(io: LiveServer, { bus, end, logger }: RevocationDependencies): void {
  const listening = new Map<string, { sockets: number; readonly stop: Promise<() => unknown> }>();

  function listen(userId: string): Promise<() => unknown> {
    const joined = bus.subscribe(userTopic(userId), sessionsRevokedNewsSchema, ({ sessionIds }) => {
      end(sessionIds);
    });
    return joined.catch((error: unknown) => {
      // The watch over open sessions finds the revocation within a second.
      logger.warn("revocations can't be heard", { userId, cause: String(error) });
      return () => undefined;
    });
  }

  io.on("connection", (socket) => {
    const { userId } = socket.data.person;
    const entry = listening.get(userId) ?? { sockets: 0, stop: listen(userId) };
    entry.sockets += 1;
    listening.set(userId, entry);
    socket.on("disconnect", () => {
      entry.sockets -= 1;
      if (entry.sockets > 0) return;
      listening.delete(userId);
      void entry.stop.then((stop) => stop());
    });
  });
}

/** Looks after open sockets' sessions once per `periodMs`. */
export function startSessionWatch(watchSessions: WatchSessions, periodMs: number): { stop(): void } {
  let busy = false;
  const timer = setInterval(() => {
    if (busy) return;
    busy = true;
    void watchSessions().finally(() => {
      busy = false;
    });
  }, periodMs);
  return {
    stop: () => {
      clearInterval(timer);
    },
  };
}
