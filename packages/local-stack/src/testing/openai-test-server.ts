import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { inOnePiece, type Cut } from "./text-cuts";

/** What a request looked like, and what became of it. */
export interface RecordedRequest {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: ChatBody;
  /** The code that the system prompt tells the model to copy; "" where it names none. */
  readonly nonce: string;
  /** Resolves with the time (ms since the epoch) at which the socket was closed, by whomever. */
  readonly closed: Promise<number>;
  /** `left`: the client closed the socket before the answer's end. */
  state(): "open" | "answered" | "left";
}

export interface ChatBody {
  readonly model?: string;
  readonly stream?: boolean;
  readonly stream_options?: unknown;
  readonly messages?: readonly { readonly role: string; readonly content: string }[];
}

/** One answer in the making. Every step resolves when the bytes are handed to the system. */
export interface Exchange {
  readonly request: RecordedRequest;
  /** Content deltas; `characters` cuts the text (UTF-16 units), `bytes` the writes on the socket. */
  text(text: string, cuts?: { readonly characters?: Cut; readonly bytes?: Cut }): Promise<void>;
  /** One chunk of the streaming API, as given. */
  chunk(value: unknown, bytes?: Cut): Promise<void>;
  /** Bytes of the event stream, as given. */
  raw(text: string): Promise<void>;
  finish(reason: string): Promise<void>;
  usage(inputTokens: number, outputTokens: number): Promise<void>;
  /** `data: [DONE]`, then the end of the answer. */
  done(): Promise<void>;
  /** The end of the answer, and nothing said about it. */
  end(): void;
  /** Breaks the connection. */
  destroy(): void;
  /** Answers with a status, JSON and headers instead of a stream. */
  status(status: number, body?: unknown, headers?: Record<string, string>): void;
  /** Whether the client has gone: a script without end must ask. */
  isClosed(): boolean;
  /** Never ends, until the client closes the socket. */
  hang(): Promise<void>;
}

/** What the model does with one request. The exchange is ended when the script ends without doing so. */
export type Script = (exchange: Exchange) => Promise<void> | void;

export interface OpenAiTestServer {
  /** To be given as LLM_BASE_URL. */
  readonly baseUrl: string;
  readonly port: number;
  readonly requests: readonly RecordedRequest[];
  /** Scripts for the next requests, one each; the last one stays for all that follow. */
  play(...scripts: Script[]): void;
  close(): Promise<void>;
}

/**
 * A local server that speaks the streaming part of the OpenAI API, and whatever else it is told to.
 * `model-scripts.ts` has the usual behaviours.
 *
 * @param port 0 for a free one; give one to come back under an earlier address
 */
export async function startOpenAiTestServer(port = 0): Promise<OpenAiTestServer> {
  const requests: RecordedRequest[] = [];
  const sockets = new Set<Socket>();
  let scripts: Script[] = [];

  async function serve(message: IncomingMessage, response: ServerResponse): Promise<void> {
    // A client that leaves is no error here.
    response.on("error", () => undefined);
    const request = await record(message, response);
    requests.push(request);
    const script = scripts.length > 1 ? scripts.shift() : scripts[0];
    if (script === undefined) throw new Error("no script for this request");
    await script(createExchange(request, response));
    if (!response.writableEnded && !response.destroyed) response.end();
  }

  const server = createServer((message, response) => {
    serve(message, response).catch((error: unknown) => {
      response.destroy(error instanceof Error ? error : undefined);
    });
  });
  server.on("connection", (socket) => {
    socket.setNoDelay(true);
    // One listener for every request on a connection that is kept alive.
    socket.setMaxListeners(0);
    sockets.add(socket);
    socket.once("close", () => sockets.delete(socket));
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(port, "127.0.0.1", resolve);
  });
  const address = server.address() as AddressInfo;

  return {
    baseUrl: `http://127.0.0.1:${address.port}/v1`,
    port: address.port,
    requests,
    play(...next) {
      scripts = next;
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

async function record(message: IncomingMessage, response: ServerResponse): Promise<RecordedRequest> {
  const closed = new Promise<number>((resolve) => {
    message.socket.once("close", () => {
      resolve(Date.now());
    });
  });
  let state: "open" | "answered" | "left" = "open";
  response.once("finish", () => (state = "answered"));
  response.once("close", () => {
    if (state === "open") state = "left";
  });
  const parts: Buffer[] = [];
  for await (const part of message) parts.push(part as Buffer);
  const body = JSON.parse(Buffer.concat(parts).toString() || "{}") as ChatBody;
  const system = body.messages?.find(({ role }) => role === "system")?.content ?? "";
  return {
    path: message.url ?? "",
    authorization: message.headers.authorization,
    body,
    nonce: /^@@FILE (\S+) /m.exec(system)?.[1] ?? "",
    closed,
    state: () => state,
  };
}

function createExchange(request: RecordedRequest, response: ServerResponse): Exchange {
  function begin(): void {
    if (!response.headersSent) response.writeHead(200, { "content-type": "text/event-stream" });
  }

  async function write(bytes: Buffer, cut: Cut): Promise<void> {
    begin();
    let from = 0;
    for (const length of cut(bytes.length)) {
      if (response.destroyed) return;
      const piece = bytes.subarray(from, from + length);
      from += length;
      await new Promise<void>((resolve) => {
        response.write(piece, () => {
          resolve();
        });
      });
    }
  }

  async function chunk(value: unknown, bytes: Cut = inOnePiece): Promise<void> {
    await write(Buffer.from(`data: ${JSON.stringify(value)}\n\n`), bytes);
  }

  function choice(delta: unknown, finishReason: string | null): unknown {
    const choices = [{ index: 0, delta, finish_reason: finishReason }];
    return { id: "chatcmpl-test", object: "chat.completion.chunk", created: 0, model: "test", choices };
  }

  return {
    request,
    chunk,
    async text(text, { characters = inOnePiece, bytes = inOnePiece } = {}) {
      let from = 0;
      for (const length of characters(text.length)) {
        await chunk(choice({ content: text.slice(from, from + length) }, null), bytes);
        from += length;
      }
    },
    async raw(text) {
      await write(Buffer.from(text), inOnePiece);
    },
    async finish(reason) {
      await chunk(choice({}, reason));
    },
    async usage(inputTokens, outputTokens) {
      await chunk({
        choices: [],
        usage: {
          prompt_tokens: inputTokens,
          completion_tokens: outputTokens,
          total_tokens: inputTokens + outputTokens,
        },
      });
    },
    async done() {
      await write(Buffer.from("data: [DONE]\n\n"), inOnePiece);
      response.end();
    },
    end() {
      begin();
      response.end();
    },
    destroy() {
      response.destroy();
    },
    status(status, body = {}, headers = {}) {
      response.writeHead(status, { "content-type": "application/json", ...headers });
      response.end(typeof body === "string" ? body : JSON.stringify(body));
    },
    isClosed: () => response.destroyed,
    async hang() {
      begin();
      await request.closed;
    },
  };
}
