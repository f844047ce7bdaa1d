import { Agent, createServer, get } from "node:http";
import { connect, type AddressInfo } from "node:net";
import { createLifecycle } from "./lifecycle";
import { listenHttp } from "./listen-http";
import { StartFault } from "./start-fault";
import { createRecordingLogger } from "./testing/recording-logger";

const logger = createRecordingLogger();

it("says in one line that the port is busy", async () => {
  const other = createServer();
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const { port } = other.address() as AddressInfo;
  const starting = listenHttp({
    app: () => undefined,
    http: { port, host: "127.0.0.1" },
    logger,
    lifecycle: createLifecycle(logger),
  });
  const fault: unknown = await starting.catch((error: unknown) => error);
  expect(fault).toBeInstanceOf(StartFault);
  expect((fault as Error).message).toBe(
    `PORT is "${port}": another process listens on 127.0.0.1:${port} already; set a free one`,
  );
  other.close();
});

it("lets answers in flight finish, takes no new connections, and is then closed", async () => {
  const lifecycle = createLifecycle(logger);
  const answers: (() => void)[] = [];
  const { url } = await listenHttp({
    app: (_request, response) => {
      answers.push(() => response.end("done"));
    },
    http: { port: 0, host: "127.0.0.1" },
    logger,
    lifecycle,
  });
  const keptAlive = new Agent({ keepAlive: true });
  const asked = ask(url, keptAlive);
  while (answers.length === 0) await new Promise(setImmediate);
  const stopping = lifecycle.stop();
  await new Promise(setImmediate);
  await expect(ask(url)).rejects.toMatchObject({ code: "ECONNREFUSED" });
  answers[0]?.();
  expect(await asked).toBe("done");
  expect(await stopping).toBe(true);
  keptAlive.destroy();
});

it.each([
  ["a request that isn't HTTP", "nonsense\r\n\r\n", 400],
  ["headers that are too large", `GET / HTTP/1.1\r\nHost: x\r\nX: ${"x".repeat(20_000)}\r\n\r\n`, 431],
])("answers %s with an id to ask about", async (_what, text, status) => {
  const lifecycle = createLifecycle(logger);
  const { url } = await listenHttp({
    app: () => undefined,
    http: { port: 0, host: "127.0.0.1" },
    logger,
    lifecycle,
  });
  const answer = await new Promise<string>((resolve) => {
    let seen = "";
    const socket = connect(Number(new URL(url).port), "127.0.0.1", () => socket.write(text));
    socket.on("data", (data) => (seen += data.toString()));
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve(seen);
    });
  });
  expect(answer).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  expect(answer).toMatch(/x-request-id: [0-9a-f-]{36}/i);
  await lifecycle.stop();
});

it("goes on when one connection can't be accepted", async () => {
  const lifecycle = createLifecycle(logger);
  const { server } = await listenHttp({
    app: () => undefined,
    http: { port: 0, host: "127.0.0.1" },
    logger,
    lifecycle,
  });
  expect(() => server.emit("error", new Error("accept ENFILE"))).not.toThrow();
  await lifecycle.stop();
});

function ask(url: string, agent: Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.on("data", (text: Buffer) => {
        resolve(text.toString());
      });
    }).on("error", reject);
  });
}
