import type { Outlet } from "../domain/ports";
import type { LiveSocket } from "./socket-server";

const LOOK_AGAIN_MS = 5;

/** The way to one browser. Its backlog is what the transport hasn't taken yet. */
export function createOutlet(socket: LiveSocket): Outlet {
  return {
    send(event) {
      socket.emit("generation:event", event);
    },
    async drained() {
      while (socket.connected && readBacklog(socket) > 0) {
        await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_MS));
      }
    },
    cut() {
      cutConnection(socket, { discard: true });
    },
  };
}

/** Packets that wait for the transport; Socket.IO's own types hide the connection's queue. */
function readBacklog(socket: LiveSocket): number {
  const { writeBuffer } = socket.conn as unknown as { readonly writeBuffer: readonly unknown[] };
  return writeBuffer.length;
}

/**
 * Closes the connection below Socket.IO. The client takes it for a broken one and comes back by itself, which
 * it doesn't after `disconnect`.
 */
export function cutConnection(socket: LiveSocket, { discard }: { readonly discard: boolean }): void {
  (socket.conn as unknown as { close(discard: boolean): void }).close(discard);
}
