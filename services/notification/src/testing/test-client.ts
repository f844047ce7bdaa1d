import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Notification } from "@vibe-friend/contracts/notification";
import type { ClientToServerEvents, ServerToClientEvents, SubscribeAck } from "@vibe-friend/contracts/socket";
import type { SystemStatus } from "@vibe-friend/contracts/system-status";
import { io, type ManagerOptions, type Socket, type SocketOptions } from "socket.io-client";

/** A browser of sorts: remembers everything it was told. */
export function connectTestClient(url: string, options: Partial<ManagerOptions & SocketOptions>) {
  const socket: Socket<ServerToClientEvents, ClientToServerEvents> = io(url, {
    forceNew: true,
    transports: ["websocket"],
    reconnectionDelay: 50,
    reconnectionDelayMax: 200,
    ...options,
  });
  const events: GenerationEvent[] = [];
  const notifications: Notification[] = [];
  const statuses: SystemStatus[] = [];
  const disconnects: string[] = [];
  const errors: { message: string; data?: { code?: string; status?: number } }[] = [];
  const told = { revoked: false };
  socket.on("generation:event", (event) => void events.push(event));
  socket.on("notification", (notification) => void notifications.push(notification));
  socket.on("system:status", (status) => void statuses.push(status));
  socket.on("session:revoked", () => {
    told.revoked = true;
  });
  socket.on("disconnect", (reason) => void disconnects.push(reason));
  socket.on("connect_error", (error) => void errors.push(error));
  return {
    socket,
    events,
    notifications,
    statuses,
    disconnects,
    errors,
    told,
    seqs: () => events.map(({ seq }) => seq),
    notified: () => notifications.map(({ seq }) => seq),
    subscribe: (request: { id: string; after?: number }): Promise<SubscribeAck> =>
      socket.timeout(3000).emitWithAck("generation:subscribe", request),
  };
}

export type TestClient = ReturnType<typeof connectTestClient>;
