import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as pause } from "node:timers/promises";

/** A way to a server on which everything can happen that happens to networks. */
export interface FaultProxy {
  readonly port: number;
  /** Connections that are open through it now. */
  connections(): number;
  /** From now on every answer comes so many milliseconds later, in order; 0 ends it. */
  slow(delayMs: number): void;
  /** Connections, old and new, stay open and nothing comes through; what was sent arrives after `heal`. */
  blackHole(): void;
  /** Open connections are reset, and so is every new one. */
  refuse(): void;
  /** Open connections are reset, once; new ones are taken. */
  reset(): void;
  /** Open connections are told, once, that the server sends no more; what the client sends still goes through. */
  halfClose(): void;
  /** Everything goes through again, at once. */
  heal(): void;
  close(): Promise<void>;
}

/** Where a proxy leads, on this machine. */
export interface ProxyTarget {
  readonly port: number;
  readonly host?: string;
}

interface Pair {
  readonly client: Socket;
  readonly server: Socket;
}

type Way = "open" | "black hole" | "refuse";

const host = "127.0.0.1";

/** Listens on a free port of loopback and forwards to the target. Nothing of it keeps the process alive. */
export async function startFaultProxy(target: ProxyTarget): Promise<FaultProxy> {
  const pairs = new Set<Pair>();
  let way: Way = "open";
  let delayMs = 0;

  function forEachSocket(act: (socket: Socket) => void): void {
    for (const { client, server } of pairs) [client, server].forEach(act);
  }

  function take(client: Socket): void {
    if (way === "refuse") {
      client.on("error", ignore);
      client.resetAndDestroy();
      return;
    }
    const server = connect({ port: target.port, host: target.host ?? host, allowHalfOpen: true });
    const pair = { client, server };
    pairs.add(pair);
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      from.setNoDelay(true);
      from.unref();
      from.on("error", ignore);
      from.on("close", () => {
        pairs.delete(pair);
        // A server that died is a reset for its client, as it would be without a proxy.
        if (from.errored !== null && !to.destroyed) to.resetAndDestroy();
        else to.destroy();
      });
      passOn(from, to, { delay: () => (from === server ? delayMs : 0), isHeld: () => way === "black hole" });
      if (way === "black hole") from.pause();
    }
  }

  const listener: Server = createServer({ allowHalfOpen: true }, take);
  await new Promise<void>((resolve, reject) => {
    listener.once("error", reject);
    listener.listen(0, host, resolve);
  });
  listener.unref();

  return {
    port: (listener.address() as AddressInfo).port,
    connections: () => pairs.size,
    slow(ms) {
      delayMs = ms;
    },
    blackHole() {
      way = "black hole";
      forEachSocket((socket) => socket.pause());
    },
    refuse() {
      way = "refuse";
      forEachSocket((socket) => socket.resetAndDestroy());
    },
    reset() {
      forEachSocket((socket) => socket.resetAndDestroy());
    },
    halfClose() {
      for (const { client } of pairs) client.end();
    },
    heal() {
      way = "open";
      delayMs = 0;
      forEachSocket((socket) => socket.resume());
    },
    async close() {
      forEachSocket((socket) => socket.destroy());
      await new Promise((resolve) => listener.close(resolve));
    },
  };
}

interface Passing {
  readonly delay: () => number;
  readonly isHeld: () => boolean;
}

/** Each part after the one before it, also when the delay has changed since; no faster than it is taken. */
function passOn(from: Socket, to: Socket, { delay, isHeld }: Passing): void {
  let passed = Promise.resolve();
  const inTurn = (act: () => void): void => {
    const ms = delay();
    const dueAt = performance.now() + ms;
    passed = passed.then(async () => {
      const leftMs = dueAt - performance.now();
      if (leftMs > 0) await pause(leftMs, undefined, { ref: false });
      act();
    });
  };
  from.on("data", (part) => {
    inTurn(() => {
      if (to.writable && !to.write(part)) from.pause();
    });
  });
  from.on("end", () => {
    inTurn(() => to.end());
  });
  to.on("drain", () => {
    if (!isHeld()) from.resume();
  });
}

function ignore(): void {
  // The close that follows is what counts.
}
