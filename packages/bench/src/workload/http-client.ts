import { connect } from "node:net";
import type { Socket } from "node:net";

/** One kept-alive connection that sends one request after the other; as light as can be, since it shares the machine. */
export interface HttpConnection {
  /** @throws {Error} when the connection ends or the answer is not of this kind */
  send(request: string): Promise<HttpAnswer>;
  /** false once either side has closed it */
  isOpen(): boolean;
  close(): void;
}

export interface HttpAnswer {
  readonly status: number;
  readonly head: string;
  readonly body: string;
}

/** Only for answers with a Content-Length, or without a body. */
export async function openHttpConnection(port: number): Promise<HttpConnection> {
  const socket = await openSocket(port);
  let received = "";
  let waiting: { resolve: (answer: HttpAnswer) => void; reject: (error: Error) => void } | undefined;

  function finish(error: Error | undefined, answer?: HttpAnswer): void {
    const asker = waiting;
    waiting = undefined;
    if (answer !== undefined) asker?.resolve(answer);
    else if (error !== undefined) asker?.reject(error);
  }

  socket.on("data", (chunk: Buffer) => {
    received += chunk.toString("latin1");
    const answer = parseAnswer(received);
    if (answer === undefined) return;
    received = "";
    finish(undefined, answer);
  });
  socket.on("error", finish);
  socket.on("close", () => {
    finish(new Error("the server closed the connection"));
  });
  return {
    send: (request) =>
      new Promise((resolve, reject) => {
        if (socket.destroyed) {
          reject(new Error("the connection was closed"));
          return;
        }
        waiting = { resolve, reject };
        socket.write(request);
      }),
    isOpen: () => !socket.destroyed && socket.readable,
    close: () => socket.destroy(),
  };
}

function openSocket(port: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: "127.0.0.1", noDelay: true });
    socket.once("connect", () => {
      socket.off("error", reject);
      resolve(socket);
    });
    socket.once("error", reject);
  });
}

/** @returns undefined until the whole answer is there */
export function parseAnswer(text: string): HttpAnswer | undefined {
  const end = text.indexOf("\r\n\r\n");
  if (end === -1) return undefined;
  const head = text.slice(0, end);
  const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0);
  const body = text.slice(end + 4);
  return body.length < length ? undefined : { status: Number(head.slice(9, 12)), head, body };
}
