import { request as askHttp, type ClientRequest, type IncomingMessage } from "node:http";
import { request as askHttps } from "node:https";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";

/** Milliseconds a node may take to answer a handshake. */
const HANDSHAKE_MS = 10_000;
/** Milliseconds the last bytes may take to one side once the other is gone. */
const FAREWELL_MS = 5_000;

/** A handshake as Node's `upgrade` event gives it; the socket has a listener for its errors already. */
export interface Upgrade {
  readonly request: IncomingMessage;
  readonly socket: Duplex;
  readonly head: Buffer;
}

/**
 * Passes a WebSocket handshake on and ties the two sockets together: whichever ends, breaks or vanishes,
 * the other one is closed. A node's refusal is passed back.
 *
 * @param target the node's address
 * @returns once the node has answered, or the client has gone
 * @throws {Error} when the node can't be asked; nothing has been sent to the client then
 */
export function openTunnel({ request, socket, head }: Upgrade, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const asking = ask(request, target);
    const giveUp = () => asking.destroy();
    socket.once("close", giveUp);
    const isAnswered = (): boolean => {
      socket.removeListener("close", giveUp);
      resolve();
      return !socket.destroyed;
    };
    asking.on("upgrade", (answer, nodeSocket, nodeHead) => {
      nodeSocket.on("error", () => nodeSocket.destroy());
      if (!isAnswered()) {
        nodeSocket.destroy();
        return;
      }
      socket.write(describeAnswer(answer));
      tie({ socket, head }, { socket: nodeSocket, head: nodeHead });
    });
    asking.on("response", (answer) => {
      if (isAnswered()) passBack(answer, socket);
      else answer.destroy();
    });
    asking.on("error", (error) => {
      // The client may be gone; then there is nobody to be told.
      if (socket.destroyed) resolve();
      else reject(error);
    });
    asking.end();
  });
}

function ask(request: IncomingMessage, target: string): ClientRequest {
  const { protocol, pathname } = new URL(target);
  const send = protocol === "https:" ? askHttps : askHttp;
  const asking = send(target, {
    path: pathname.replace(/\/+$/, "") + (request.url ?? "/"),
    headers: { ...request.headers, connection: "Upgrade", upgrade: "websocket" },
    agent: false,
  });
  const timer = setTimeout(() => {
    asking.destroy(new Error(`no answer within ${HANDSHAKE_MS} ms`));
  }, HANDSHAKE_MS);
  const stop = () => {
    clearTimeout(timer);
  };
  return asking.once("upgrade", stop).once("response", stop).once("close", stop);
}

interface End {
  readonly socket: Duplex;
  /** what it has sent already */
  readonly head: Buffer;
}

function tie(one: End, other: End): void {
  for (const { socket, head } of [one, other]) {
    if (head.length > 0) socket.unshift(head);
    if (socket instanceof Socket) socket.setTimeout(0).setNoDelay(true).setKeepAlive(true, 30_000);
  }
  connectTo(one.socket, other.socket);
  connectTo(other.socket, one.socket);
}

function connectTo(from: Duplex, to: Duplex): void {
  from.pipe(to);
  from.once("close", () => {
    sayFarewell(to);
  });
}

/** What was sent to it may still arrive, but nobody waits for one that takes nothing. */
function sayFarewell(socket: Duplex): void {
  if (socket.destroyed) return;
  const timer = setTimeout(() => socket.destroy(), FAREWELL_MS);
  socket.once("close", () => {
    clearTimeout(timer);
  });
  socket.end(() => socket.destroy());
}

function passBack(answer: IncomingMessage, socket: Duplex): void {
  socket.write(describeAnswer(answer));
  answer.pipe(socket);
  answer.once("close", () => {
    sayFarewell(socket);
  });
}

/** Of one connection only; a refusal ends with its connection, so its length needs no other sign. */
const hopByHop = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

function describeAnswer(answer: IncomingMessage): string {
  const { statusCode = 502, statusMessage = "", rawHeaders } = answer;
  const isSwitch = statusCode === 101;
  const lines = [`HTTP/1.1 ${statusCode} ${statusMessage}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    if (!hopByHop.has(name.toLowerCase())) lines.push(`${name}: ${value}`);
  }
  lines.push(...(isSwitch ? ["Upgrade: websocket", "Connection: Upgrade"] : ["Connection: close"]));
  return `${lines.join("\r\n")}\r\n\r\n`;
}
