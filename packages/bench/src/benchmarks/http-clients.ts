import { openHttpConnection } from "../workload/http-client";
import type { HttpConnection } from "../workload/http-client";

/** People with a browser each: a connection, and a cookie from signing in. */
export interface HttpClients {
  /** @returns that many of them; `ask` lets one that waits for nothing send its request */
  take(count: number): { ask(): Promise<void> };
  close(): void;
}

/** @throws {Error} when somebody can't sign in */
export async function openHttpClients(
  port: number,
  { count, userId }: { readonly count: number; readonly userId: string },
): Promise<HttpClients> {
  const clients: { readonly connection: HttpConnection; readonly request: string }[] = [];
  const expected = JSON.stringify({ userId });
  for (let number = 0; number < count; number += 1) {
    const connection = await openHttpConnection(port);
    const { status, head } = await connection.send(
      "POST /sign-in HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 0\r\n\r\n",
    );
    const cookie = /^set-cookie: ([^;]+)/im.exec(head)?.[1];
    if (status !== 204 || cookie === undefined) throw new Error(`signing in was answered ${status}`);
    const request = `GET /me HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: ${cookie}\r\n\r\n`;
    clients.push({ connection, request });
  }
  return {
    take(taken) {
      const free = clients.slice(0, taken);
      return {
        async ask() {
          const client = free.pop();
          if (client === undefined) throw new Error("more requests at once than connections");
          const { status, body } = await client.connection.send(client.request);
          if (status !== 200 || body !== expected)
            throw new Error(`a wrong answer: ${status} ${body.slice(0, 80)}`);
          free.push(client);
        },
      };
    },
    close() {
      for (const { connection } of clients) connection.close();
    },
  };
}
