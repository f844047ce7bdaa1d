import type { IncomingMessage, Server } from "node:http";
import type { Duplex } from "node:stream";

/** What an offer to change the protocol is made of. */
const offers = new Set(["upgrade", "http2-settings"]);

/**
 * Answers a request that offers another protocol as if it didn't (RFC 9110, 7.8), as clients expect that
 * offer HTTP/2. Node hands such a request over unread, so it is given back to the server without the offer.
 */
export function serveAsPlainRequest(
  server: Server,
  { request, socket, head }: { request: IncomingMessage; socket: Duplex; head: Buffer },
): void {
  const { method = "GET", url = "/", httpVersion, rawHeaders } = request;
  const lines = [`${method} ${url} HTTP/${httpVersion}`];
  for (let at = 0; at + 1 < rawHeaders.length; at += 2) {
    const [name = "", value = ""] = rawHeaders.slice(at, at + 2);
    const kept = name.toLowerCase() === "connection" ? withoutOffers(value) : value;
    if (!offers.has(name.toLowerCase()) && kept !== "") lines.push(`${name}: ${kept}`);
  }
  socket.pause();
  socket.unshift(Buffer.concat([Buffer.from(`${lines.join("\r\n")}\r\n\r\n`, "latin1"), head]));
  server.emit("connection", socket);
  process.nextTick(() => socket.resume());
}

function withoutOffers(connection: string): string {
  const words = connection.split(",").map((word) => word.trim());
  return words.filter((word) => !offers.has(word.toLowerCase())).join(", ");
}
