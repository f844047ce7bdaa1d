import { Agent, request, type IncomingHttpHeaders } from "node:http";

export interface HttpQuestion {
  readonly method: "GET" | "POST";
  /** Below `/api/v1`. */
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: unknown;
}

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** Sends requests over kept connections, and adds nothing: no retry, no cookie jar. */
export interface HttpSender {
  /** @throws {Error} with a `code`, when there is no whole answer within the time-out */
  send(baseUrl: string, question: HttpQuestion): Promise<HttpAnswer>;
  close(): void;
}

/** As many as a crowd would have; requests beyond wait, and the wait counts. */
const maxConnections = 2_048;
const timeoutMs = 15_000;

export function createHttpSender(): HttpSender {
  // The latest used first: those a server is about to close for idleness are left alone.
  const agent = new Agent({ keepAlive: true, maxSockets: maxConnections, scheduling: "lifo" });
  return {
    send: (baseUrl, { method, path, headers, body }) =>
      new Promise((resolve, reject) => {
        const payload = body === undefined ? undefined : Buffer.from(JSON.stringify(body));
        const sent = request(
          `${baseUrl}/api/v1${path}`,
          {
            agent,
            method,
            family: 4,
            headers: {
              ...headers,
              ...(payload === undefined
                ? {}
                : { "content-type": "application/json", "content-length": payload.length }),
            },
          },
          (response) => {
            const parts: Buffer[] = [];
            response.on("data", (part: Buffer) => parts.push(part));
            response.on("end", () => {
              clearTimeout(timer);
              const text = Buffer.concat(parts).toString("utf8");
              resolve({ status: response.statusCode ?? 0, headers: response.headers, body: text });
            });
            response.on("error", fail);
          },
        );
        const timer = setTimeout(() => {
          sent.destroy(Object.assign(new Error(`no answer within ${timeoutMs} ms`), { code: "ETIMEDOUT" }));
        }, timeoutMs);
        function fail(error: Error): void {
          clearTimeout(timer);
          reject(error);
        }
        sent.on("error", fail);
        sent.end(payload);
      }),
    close: () => {
      agent.destroy();
    },
  };
}
