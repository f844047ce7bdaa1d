import { connect, createServer, type AddressInfo, type Server, type Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { startFaultProxy, type FaultProxy } from "./fault-proxy";
import { waitUntil } from "./testing/wait-until";

/** Answers every byte with itself, and tells how much it got. */
let echo: Server;
let received = 0;
let proxy: FaultProxy;
const clients: Client[] = [];

interface Client {
  readonly socket: Socket;
  text: string;
  ended: boolean;
  fault: string | undefined;
  closed: boolean;
}

beforeEach(async () => {
  received = 0;
  echo = createServer((socket) => {
    socket.on("error", () => undefined);
    socket.on("data", (part) => {
      received += part.length;
      socket.write(part);
    });
  });
  await new Promise<void>((resolve) => echo.listen(0, "127.0.0.1", resolve));
  proxy = await startFaultProxy({ port: (echo.address() as AddressInfo).port });
});

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.destroy();
  await proxy.close();
  await new Promise((resolve) => echo.close(resolve));
});

function open(): Client {
  const socket = connect({ port: proxy.port, host: "127.0.0.1", allowHalfOpen: true });
  const client: Client = { socket, text: "", ended: false, fault: undefined, closed: false };
  socket.on("data", (part) => (client.text += part.toString()));
  socket.on("end", () => (client.ended = true));
  socket.on("error", (error: NodeJS.ErrnoException) => (client.fault = error.code));
  socket.on("close", () => (client.closed = true));
  clients.push(client);
  return client;
}

async function openAndAsk(): Promise<Client> {
  const client = open();
  client.socket.write("a");
  await waitUntil(() => client.text === "a", 5_000);
  return client;
}

it("passes on what both sides say, however much", async () => {
  const client = open();
  const text = "x".repeat(5_000_000);
  client.socket.write(text);
  await waitUntil(() => client.text.length === text.length, 15_000);
  client.socket.end();
  await waitUntil(() => client.closed && proxy.connections() === 0, 5_000);
});

it("brings every answer later and in order while it is slow", async () => {
  const client = await openAndAsk();
  proxy.slow(300);
  const askedAt = performance.now();
  client.socket.write("b");
  await sleep(20);
  proxy.slow(0);
  client.socket.write("c");
  await waitUntil(() => client.text.length === 3, 5_000);
  expect(client.text).toBe("abc");
  expect(performance.now() - askedAt).toBeGreaterThanOrEqual(295);
});

it("lets nothing through a black hole, on old and new connections, and all of it afterwards", async () => {
  const old = await openAndAsk();
  proxy.blackHole();
  old.socket.write("b");
  const fresh = open();
  fresh.socket.write("c");
  await sleep(200);
  expect([old.text, fresh.text, received]).toEqual(["a", "", 1]);
  expect([old.closed, fresh.closed]).toEqual([false, false]);
  proxy.heal();
  await waitUntil(() => old.text === "ab" && fresh.text === "c", 5_000);
});

it("resets the connections there are, and takes new ones", async () => {
  const old = await openAndAsk();
  proxy.reset();
  await waitUntil(() => old.closed, 5_000);
  expect(old.fault).toBe("ECONNRESET");
  await openAndAsk();
});

it("refuses every connection until it is healed", async () => {
  const old = await openAndAsk();
  proxy.refuse();
  const fresh = open();
  await waitUntil(() => old.closed && fresh.closed, 5_000);
  expect([old.text, fresh.text, received]).toEqual(["a", "", 1]);
  proxy.heal();
  await openAndAsk();
});

it("half closes: the client hears the end, and is still heard", async () => {
  const client = await openAndAsk();
  proxy.halfClose();
  await waitUntil(() => client.ended, 5_000);
  expect(client.closed).toBe(false);
  client.socket.write("b");
  await waitUntil(() => received === 2, 5_000);
});

it("breaks a connection whose server has gone", async () => {
  const client = await openAndAsk();
  const port = (echo.address() as AddressInfo).port;
  echo.close();
  client.socket.destroy();
  await waitUntil(() => proxy.connections() === 0, 5_000);
  const late = open();
  await waitUntil(() => late.closed, 5_000);
  // For the next test's end.
  await new Promise<void>((resolve) => echo.listen(port, "127.0.0.1", resolve));
});
