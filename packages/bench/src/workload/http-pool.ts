import { openHttpConnection } from "./http-client";
import type { HttpAnswer, HttpConnection } from "./http-client";
import type { Person } from "./person";

export interface PooledRequest {
  readonly method: "GET" | "POST";
  /** from the origin on */
  readonly path: string;
  readonly person: Person;
  readonly body?: unknown;
}

/** Kept-alive connections, as many as there are requests at once. */
export interface HttpPool {
  /** @throws {Error} when the connection ends before the answer */
  ask(request: PooledRequest): Promise<HttpAnswer>;
  close(): void;
}

export function createHttpPool(url: string): HttpPool {
  const { port, host } = new URL(url);
  const free: HttpConnection[] = [];
  const all = new Set<HttpConnection>();

  async function open(): Promise<HttpConnection> {
    const connection = await openHttpConnection(Number(port));
    all.add(connection);
    return connection;
  }

  /** While others had their turn the server may have closed what was idle. */
  function takeOpen(): HttpConnection | undefined {
    for (let next = free.pop(); next !== undefined; next = free.pop()) {
      if (next.isOpen()) return next;
      all.delete(next);
    }
    return undefined;
  }

  return {
    async ask(request) {
      const connection = takeOpen() ?? (await open());
      try {
        const answer = await connection.send(formatRequest(host, request));
        free.push(connection);
        return answer;
      } catch (error) {
        all.delete(connection);
        connection.close();
        throw error;
      }
    },
    close() {
      for (const connection of all) connection.close();
    },
  };
}

export function formatRequest(host: string, { method, path, person, body }: PooledRequest): string {
  const text = body === undefined ? "" : JSON.stringify(body);
  const head = [`${method} ${path} HTTP/1.1`, `Host: ${host}`, `Cookie: ${person.cookie}`];
  if (method === "POST") {
    head.push(`X-CSRF-Token: ${person.csrfToken}`, "Content-Type: application/json");
    head.push(`Content-Length: ${Buffer.byteLength(text)}`);
  }
  return `${head.join("\r\n")}\r\n\r\n${text}`;
}
