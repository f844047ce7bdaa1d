import { Socket } from "node:net";
import { parseRedisConfig } from "../config";
import { noLogger } from "../logger";
import { eventually } from "../testing/redis-faults";
import { bulk, startScriptedServer } from "../testing/scripted-server";
import type { ScriptedServer } from "../testing/scripted-server";
import { createCommandPool } from "./command-pool";
import type { CommandPool } from "./command-pool";
import { openClient } from "./open-client";

jest.setTimeout(20_000);

let server: ScriptedServer;
let pool: CommandPool;

async function createPool({ maxSize = 3, minSize = 0, idleMs = 60_000 } = {}): Promise<void> {
  const { state } = parseRedisConfig({ REDIS_URL: server.url });
  if (state.disabled) throw new Error("it is not");
  pool = createCommandPool({
    open(listener) {
      const client = openClient("commands", state, { name: "test", logger: noLogger, listener });
      client.connect().catch(() => undefined);
      return client;
    },
    database: 0,
    maxSize,
    minSize,
    idleMs,
    logger: noLogger,
    onChange: () => undefined,
  });
  await eventually("there is a connection", () => pool.size() >= Math.max(1, minSize));
}

/** Leaves every GET unanswered. */
function swallow(): void {
  server.setScript(([name]) => (name === "get" ? "silence" : undefined));
}

function ask(count: number): Promise<unknown>[] {
  return Array.from({ length: count }, () => pool.commands.get("a").catch(() => "failed"));
}

beforeEach(async () => {
  server = await startScriptedServer();
});
afterEach(async () => {
  pool.close();
  await server.close();
});

it("stays with one connection while that keeps up", async () => {
  await createPool();
  for (let turn = 0; turn < 20; turn += 1) await Promise.all(ask(250));
  expect([pool.size(), server.connections()]).toEqual([1, 1]);
});

it("opens others when every one is crowded, up to its size", async () => {
  await createPool({ maxSize: 3 });
  swallow();
  void ask(258);
  await eventually("a second one", () => pool.size() === 2);
  void ask(200);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect(pool.size()).toBe(2);
  void ask(200);
  await eventually("a third one", () => pool.size() === 3);
  void ask(1000);
  await new Promise((resolve) => setTimeout(resolve, 100));
  expect([pool.size(), server.connections()]).toEqual([3, 3]);
});

it("sends each command where the fewest wait, so that a slow answer holds nobody up", async () => {
  await createPool({ minSize: 2 });
  server.setScript(([, key]) => (key === "slow" ? "silence" : undefined));
  const slow = pool.commands.get("slow").catch(() => "failed");
  for (let turn = 0; turn < 3; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    // The way of looking is cheap, and takes two looks.
    await pool.commands.get("a");
  }
  expect(await Promise.all(ask(5))).toEqual(Array.from({ length: 5 }, () => "run-1"));
  server.cutAll();
  expect(await slow).toBe("failed");
});

it("keeps messages in their order on one connection, however busy it is", async () => {
  await createPool({ minSize: 3 });
  swallow();
  void ask(10);
  for (let seq = 0; seq < 50; seq += 1)
    void pool.commands.publish("news", String(seq)).catch(() => undefined);
  await eventually("all have come", () => server.heard.includes("publish news 49"));
  const order = server.heard
    .filter((line) => line.startsWith("publish"))
    .map((line) => Number(line.slice(13)));
  expect(order).toEqual(Array.from({ length: 50 }, (_, seq) => seq));
});

it("closes what it doesn't need, down to one, or to what is to be kept", async () => {
  await createPool({ minSize: 2, maxSize: 4, idleMs: 300 });
  swallow();
  void ask(1100);
  await eventually("a third one", () => pool.size() >= 3);
  server.setScript(() => undefined);
  server.cutAll();
  await eventually("they are back", () => pool.size() >= 3);
  await eventually("down to two", () => pool.size() === 2 && server.connections() === 2, 3000);
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(pool.size()).toBe(2);
  expect(await pool.commands.get("a")).toBe("run-1");
});

it("replaces one connection of several that no longer answers, and does not blame the server", async () => {
  await createPool({ minSize: 2 });
  let pings = 0;
  server.setScript(([name]) => {
    if (name !== "ping") return undefined;
    pings += 1;
    return pings === 1 ? "silence" : undefined;
  });
  await pool.ping();
  expect(pool.size()).toBe(1);
  await eventually("there are two again", () => pool.size() === 2);
  await pool.ping();
});

it("is with one server only: what leads to another one is cut as soon as the new one is known", async () => {
  await createPool({ minSize: 3 });
  const seen: (string | undefined)[] = [];
  pool.identity.onChange(() => seen.push(pool.identity.current()));
  server.setRunId("run-2");
  server.cutOne();
  await eventually("all are admitted again", () => seen.includes("run-2") && pool.size() === 3, 3000);
  expect(server.heard.filter((line) => line === "info server")).toHaveLength(6);
  expect(pool.identity.current()).toBe("run-2");
  expect(seen).not.toContain("run-1");
});

it("sends what one turn of the event loop asks for in one piece", async () => {
  await createPool();
  const writes = [jest.spyOn(Socket.prototype, "_write"), jest.spyOn(Socket.prototype, "_writev")];
  await Promise.all(ask(100));
  const toServer = writes
    .flatMap((spy) => spy.mock.contexts as Socket[])
    .filter(({ remotePort }) => remotePort === server.port);
  for (const spy of writes) spy.mockRestore();
  expect(toServer.length).toBeGreaterThan(0);
  expect(toServer.length).toBeLessThan(10);
});

it("answers in the right order when replies come big and small", async () => {
  await createPool();
  server.setScript(([name, key]) =>
    name === "get" ? { reply: bulk(`${String(key)}:${"x".repeat(Number(key))}`) } : undefined,
  );
  const sizes = Array.from({ length: 60 }, (_, at) => (at % 7 === 0 ? 200_000 : at));
  const answers = await Promise.all(sizes.map((size) => pool.commands.get(String(size))));
  answers.forEach((answer, at) => {
    expect(answer?.length).toBe(`${String(sizes[at])}:`.length + (sizes[at] ?? 0));
  });
});
