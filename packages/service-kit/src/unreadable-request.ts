import { randomUUID } from "node:crypto";
import { STATUS_CODES } from "node:http";
import type { Duplex } from "node:stream";
import type { Problem } from "@vibe-friend/contracts/problem";

const statusByCode: Readonly<Record<string, number>> = {
  HPE_HEADER_OVERFLOW: 431,
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 413,
  ERR_HTTP_REQUEST_TIMEOUT: 408,
};

/**
 * Answers what can't be read as a request, for a server's `clientError`, and closes the connection. Where an
 * answer has begun nothing may be written into it.
 */
export function refuseUnreadable(error: NodeJS.ErrnoException, socket: Duplex): void {
  // Node looks at this too before it writes its own answer; there is no public name for it.
  const { _httpMessage: answer } = socket as { _httpMessage?: { readonly headersSent?: boolean } | null };
  if (!socket.writable || answer?.headersSent === true || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const status = statusByCode[error.code ?? ""] ?? 400;
  const title = STATUS_CODES[status] ?? "Bad Request";
  const requestId = randomUUID();
  const problem: Problem = { type: "about:blank", title, status, code: "invalid_request", requestId };
  const body = JSON.stringify(problem);
  const lines = [
    `HTTP/1.1 ${status} ${title}`,
    `X-Request-Id: ${requestId}`,
    "Content-Type: application/problem+json",
    `Content-Length: ${Buffer.byteLength(body)}`,
    "Connection: close",
  ];
  socket.end(`${lines.join("\r\n")}\r\n\r\n${body}`, () => socket.destroy());
}
