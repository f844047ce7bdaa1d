import { Agent, createServer, get } from "node:http";
import type { AddressInfo } from "node:net";
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

function ask(url: string, agent: Agent | false = false): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, { agent }, (response) => {
      response.on("data", (text: Buffer) => {
        resolve(text.toString());
      });
    }).on("error", reject);
  });
}
