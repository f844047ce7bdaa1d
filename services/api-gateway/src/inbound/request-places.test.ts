import { AsyncLocalStorage } from "node:async_hooks";
import { once } from "node:events";
import type { Server } from "node:http";
import { connect, type AddressInfo, type Socket } from "node:net";
import express, { type RequestHandler } from "express";
import { createRequestPlaces, type RequestPlacesOptions } from "./request-places";

const open: { readonly servers: Server[]; readonly sockets: Socket[] } = { servers: [], sockets: [] };

afterEach(() => {
  for (const socket of open.sockets.splice(0)) socket.destroy();
  for (const server of open.servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

async function serve(options: RequestPlacesOptions, handle: RequestHandler, before: RequestHandler[] = []) {
  const app = express();
  app.use(...before, createRequestPlaces(options));
  app.use(handle);
  const server = app.listen(0, "127.0.0.1");
  open.servers.push(server);
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return {
    get: async (path: string) => {
      const response = await fetch(`http://127.0.0.1:${port}${path}`);
      return { status: response.status, text: await response.text() };
    },
    /** Asks and takes nothing of the answer. */
    async askWithoutReading(path: string): Promise<Socket> {
      const socket = connect(port, "127.0.0.1");
      open.sockets.push(socket);
      socket.on("error", () => undefined);
      await once(socket, "connect");
      socket.pause();
      socket.write(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n\r\n`);
      return socket;
    },
  };
}

it("lets who waited for a place in with what belongs to the own request, not to the one that left", async () => {
  const context = new AsyncLocalStorage<string>();
  const { get } = await serve(
    { maxConcurrent: 1, maxWaiting: 10 },
    (_request, response) => {
      setTimeout(() => response.send(context.getStore()), 20);
    },
    [
      (request, _response, next) => {
        context.run(request.url, next);
      },
    ],
  );
  const answers = await Promise.all(["/1", "/2", "/3", "/4"].map(async (path) => (await get(path)).text));
  expect(answers).toEqual(["/1", "/2", "/3", "/4"]);
});

/** More than the system keeps for a connection. */
const large = "x".repeat(16 * 1024 * 1024);
const handleLarge: RequestHandler = (request, response) => {
  response.send(request.url === "/large" ? large : "small");
};

async function asked(reached: () => number, count: number): Promise<void> {
  const endsAt = Date.now() + 5000;
  while (reached() < count && Date.now() < endsAt) await new Promise((resolve) => setTimeout(resolve, 5));
}

function counting(handle: RequestHandler) {
  let reached = 0;
  const counted: RequestHandler = (request, response, next) => {
    reached += 1;
    return handle(request, response, next);
  };
  return { counted, reached: () => reached };
}

it("has the place free again when the answer is made, however slowly it is taken", async () => {
  const { counted, reached } = counting(handleLarge);
  const { get, askWithoutReading } = await serve({ maxConcurrent: 1, maxWaiting: 0 }, counted);
  await askWithoutReading("/large");
  await asked(reached, 1);
  expect(await get("/small")).toEqual({ status: 200, text: "small" });
});

it("keeps the place of who takes nothing once too much waits to be taken, and cuts them off after a while", async () => {
  const { counted, reached } = counting(handleLarge);
  const limits = { maxUnsentBytes: large.length, stallMs: 300 };
  const { get, askWithoutReading } = await serve({ maxConcurrent: 1, maxWaiting: 1, ...limits }, counted);
  const slow = [await askWithoutReading("/large")];
  await asked(reached, 1);
  slow.push(await askWithoutReading("/large"));
  await asked(reached, 2);
  const closed = slow.map((socket) => once(socket.resume(), "close"));
  for (const socket of slow) socket.pause();
  expect((await get("/small")).status).toBe(200);
  for (const socket of slow) socket.resume();
  await Promise.all(closed);
  expect(slow.every((socket) => socket.bytesRead < large.length)).toBe(true);
});
