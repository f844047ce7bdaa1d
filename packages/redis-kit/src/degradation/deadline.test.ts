import { createServer, connect, type Server, type Socket } from "node:net";
import { once } from "node:events";
import { withDeadline } from "./deadline";

let server: Server;
let socket: Socket;

beforeEach(async () => {
  server = createServer((peer) => peer.pipe(peer)).listen(0, "127.0.0.1");
  await once(server, "listening");
  socket = connect({ port: (server.address() as { port: number }).port, host: "127.0.0.1" });
  await once(socket, "connect");
});
afterEach(() => {
  socket.destroy();
  server.close();
});

async function ask(): Promise<void> {
  socket.write("?");
  await once(socket, "data");
}

function standStill(ms: number): void {
  const until = performance.now() + ms;
  while (performance.now() < until) {
    // The process is busy with something else.
  }
}

it("expires when nothing comes", async () => {
  await expect(withDeadline(new Promise(() => undefined), 20)).rejects.toMatchObject({ code: "timeout" });
});

it("takes an answer that waits behind a stall of this process", async () => {
  const answered = withDeadline(ask(), 20);
  standStill(100);
  await expect(answered).resolves.toBeUndefined();
});

it("gives work of several round trips its time again after a stall", async () => {
  async function askSlowly(): Promise<void> {
    await ask();
    await new Promise((resolve) => setTimeout(resolve, 60));
    await ask();
  }
  const answered = withDeadline(askSlowly(), 90, 1000);
  standStill(150);
  await expect(answered).resolves.toBeUndefined();
});

it("ends also where the process stands still all the time", async () => {
  let stalls = 0;
  const stalling = setInterval(() => {
    stalls += 1;
    standStill(60);
  }, 1);
  try {
    await expect(withDeadline(new Promise(() => undefined), 10)).rejects.toMatchObject({ code: "timeout" });
    expect(stalls).toBeGreaterThan(0);
  } finally {
    clearInterval(stalling);
  }
});
