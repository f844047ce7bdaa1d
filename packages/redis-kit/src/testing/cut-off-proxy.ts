import { connect, createServer } from "node:net";
import type { AddressInfo, Server, Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A way to a server that can be cut for one process alone. */
export interface CutOffProxy {
  readonly host: string;
  readonly port: number;
  /** "refuse": connections are reset and none is taken; "silence": they stay and nothing comes through. */
  cut(how: "refuse" | "silence"): void;
  /** From now on every answer comes so many milliseconds later; 0 ends it. */
  slow(delayMs: number): void;
  /** What was held back in the silence arrives now. */
  heal(): void;
  close(): Promise<void>;
}

const host = "127.0.0.1";

/** Forwards to a port of this machine. */
export async function createCutOffProxy(targetPort: number): Promise<CutOffProxy> {
  const sockets = new Set<Socket>();
  let state: "forward" | "refuse" | "silence" = "forward";
  let delayMs = 0;

  function keep(socket: Socket): void {
    sockets.add(socket);
    socket.on("error", () => undefined);
    socket.on("close", () => sockets.delete(socket));
  }

  /** Each part after the one before it, also when the delay has changed since. */
  function passOnLate(from: Socket, to: Socket): void {
    let passed = Promise.resolve();
    from.on("data", (part) => {
      const dueAt = performance.now() + delayMs;
      passed = passed.then(async () => {
        const leftMs = dueAt - performance.now();
        if (leftMs > 0) await pause(leftMs, undefined, { ref: false });
        to.write(part);
      });
    });
  }

  const server: Server = createServer((incoming) => {
    keep(incoming);
    if (state === "refuse") {
      incoming.resetAndDestroy();
      return;
    }
    const outgoing = connect(targetPort, host);
    keep(outgoing);
    incoming.on("data", (part) => outgoing.write(part));
    passOnLate(outgoing, incoming);
    for (const [from, to] of [
      [incoming, outgoing],
      [outgoing, incoming],
    ] as const) {
      from.on("close", () => to.destroy());
      if (state === "silence") from.pause();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, host, resolve));

  return {
    host,
    port: (server.address() as AddressInfo).port,
    cut(how) {
      state = how;
      for (const socket of sockets) {
        if (how === "refuse") socket.resetAndDestroy();
        else socket.pause();
      }
    },
    slow(ms) {
      delayMs = ms;
    },
    heal() {
      state = "forward";
      for (const socket of sockets) socket.resume();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
