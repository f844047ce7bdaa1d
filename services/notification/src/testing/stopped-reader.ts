import { randomBytes } from "node:crypto";
import { connect } from "node:net";

/** Milliseconds until the node must have let it in. */
const PATIENCE_MS = 30_000;

/**
 * A browser that follows a generation and then stops reading: a bare WebSocket, so that a thousand of them cost
 * nothing beside what the node keeps for them.
 *
 * @param path of the Unix socket on which the node listens; the system keeps far less for it than for TCP
 */
export function openStoppedReader(path: string, wish: { readonly token: string; readonly id: string }) {
  const socket = connect(path);
  let closed = false;
  let heard = "";
  socket.on("close", () => (closed = true));
  socket.on("error", () => undefined);
  socket.write(
    [
      "GET /socket.io/?EIO=4&transport=websocket HTTP/1.1",
      ...["Host: localhost", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13"],
      `Sec-WebSocket-Key: ${randomBytes(16).toString("base64")}\r\n\r\n`,
    ].join("\r\n"),
  );
  const stopped = new Promise<void>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`not let in: ${heard.slice(0, 300)}`));
    }, PATIENCE_MS);
    const steps = [
      { after: "0{", send: `40${JSON.stringify({ token: wish.token })}` },
      { after: '40{"sid"', send: `42["generation:subscribe",${JSON.stringify({ id: wish.id })}]` },
    ];
    socket.on("data", (data) => {
      heard += data.toString("latin1");
      const [next] = steps;
      if (next === undefined || !heard.includes(next.after)) return;
      steps.shift();
      socket.write(toFrame(next.send));
      if (steps.length > 0) return;
      clearTimeout(timer);
      socket.pause();
      socket.removeAllListeners("data");
      heard = "";
      resolve();
    });
  });
  return { stopped, isClosed: () => closed, close: () => socket.destroy() };
}

/** One text frame; a mask of zeros leaves the text as it is. */
function toFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const length =
    payload.length < 126 ? [0x80 | payload.length] : [0x80 | 126, payload.length >> 8, payload.length & 0xff];
  return Buffer.concat([Buffer.from([0x81, ...length, 0, 0, 0, 0]), payload]);
}
