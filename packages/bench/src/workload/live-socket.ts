import { WebSocket } from "ws";

/** A Socket.IO client as light as can be: real handshake, cookie, heartbeats and packets, no parsing but what is asked for. */
export interface LiveSocket {
  /** Resolves with the server's yes. Events go to `onEvent` as JSON text. @throws {Error} on a refusal */
  subscribe(id: string, onEvent: (text: string) => void): Promise<void>;
  /** A connection may follow only so many. */
  unsubscribe(id: string): void;
  close(): void;
}

const eventHead = '42["generation:event",';
const patienceMs = 15_000;

/**
 * @param url of a gateway, a node, or another Socket.IO server
 * @throws {Error} when the handshake is refused
 */
export async function openLiveSocket(url: string, cookie: string): Promise<LiveSocket> {
  const address = `${url.replace(/^http/, "ws")}/socket.io/?EIO=4&transport=websocket`;
  const socket = new WebSocket(address, { headers: { cookie }, perMessageDeflate: false });
  let onEvent: (text: string) => void = () => undefined;
  let onAnswer: (text: string) => void = () => undefined;
  let onFault: (error: Error) => void = () => undefined;

  function ask(text: string | undefined, isAnswer: (text: string) => boolean): Promise<string> {
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => {
        reject(new Error(`a socket had no answer within ${patienceMs} ms`));
      }, patienceMs);
      onFault = reject;
      onAnswer = (answer) => {
        if (!isAnswer(answer)) return;
        clearTimeout(timer);
        resolve(answer);
      };
      if (text !== undefined) socket.send(text);
    });
  }

  socket.on("message", (data: Buffer) => {
    const text = data.toString();
    if (text.startsWith(eventHead)) onEvent(text.slice(eventHead.length, -1));
    else if (text === "2") socket.send("3");
    else if (text.startsWith("0")) socket.send("40");
    else onAnswer(text);
  });
  socket.on("error", (error) => {
    onFault(error);
  });
  socket.on("close", () => {
    onFault(new Error("the server closed a socket"));
  });

  const joined = await ask(undefined, (text) => text.startsWith("40") || text.startsWith("44"));
  if (joined.startsWith("44")) throw new Error(`a socket was refused: ${joined.slice(2, 200)}`);
  return {
    async subscribe(id, listener) {
      onEvent = listener;
      const request = JSON.stringify(["generation:subscribe", { id }]);
      const answer = await ask(`420${request}`, (text) => text.startsWith("430"));
      const [ack] = JSON.parse(answer.slice(3)) as [{ ok: boolean }];
      if (!ack.ok) throw new Error(`a subscription was refused: ${answer.slice(3, 200)}`);
    },
    unsubscribe(id) {
      onEvent = () => undefined;
      socket.send(`42${JSON.stringify(["generation:unsubscribe", { id }])}`);
    },
    close() {
      onFault = () => undefined;
      socket.terminate();
    },
  };
}
