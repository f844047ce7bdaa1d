import type { Notification } from "@vibe-friend/contracts/notification";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Outlet } from "../domain/ports";
import type { LiveSocket } from "./socket-server";

/** Milliseconds between looks at a connection that has something on its way, growing. */
const LOOKS_MS = [0, 5, 10, 25, 50, 100] as const;

/** The way of one kind of message to one browser. */
export function createOutlet<E>(socket: LiveSocket, send: (message: E) => void): Outlet<E> {
  return {
    send,
    async drained() {
      for (let look = 0; socket.connected && isBusy(socket); look += 1) {
        await new Promise((resolve) => setTimeout(resolve, LOOKS_MS[look] ?? 100));
      }
    },
    cut() {
      cutConnection(socket, { discard: true });
    },
  };
}

export function createEventOutlet(socket: LiveSocket): Outlet<GenerationEvent> {
  return createOutlet(socket, (event) => {
    socket.emit("generation:event", event);
  });
}

export function createNotificationOutlet(socket: LiveSocket): Outlet<Notification> {
  return createOutlet(socket, (notification) => {
    socket.emit("notification", notification);
  });
}

/** Something waits for the transport, or the transport has not given its last to the system yet. */
function isBusy(socket: LiveSocket): boolean {
  // Socket.IO's own types hide the connection's queue.
  const { writeBuffer, transport } = socket.conn as unknown as {
    readonly writeBuffer: readonly unknown[];
    readonly transport: { readonly writable: boolean };
  };
  return writeBuffer.length > 0 || !transport.writable;
}

/**
 * Closes the connection below Socket.IO. The client takes it for a broken one and comes back by itself, which
 * it doesn't after `disconnect`.
 */
export function cutConnection(socket: LiveSocket, { discard }: { readonly discard: boolean }): void {
  (socket.conn as unknown as { close(discard: boolean): void }).close(discard);
}
