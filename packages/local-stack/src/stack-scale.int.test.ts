import { rmSync } from "node:fs";
import { askRedis } from "./redis-ask";
import { startStack, type Stack } from "./stack";
import { createTemporaryDirectory } from "./temporary-directory";
import { createFakeService } from "./testing/fake-service";

const dataDir = createTemporaryDirectory("scale");
let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    dataDir,
    services: ["api-gateway", "generation-worker", "notification"].map((name) =>
      createFakeService(dataDir, name, true),
    ),
    migration: false,
    spareNotifiers: 1,
    proxies: true,
  });
}, 120_000);

afterAll(async () => {
  await stack.stop();
  rmSync(dataDir, { recursive: true, force: true });
}, 60_000);

async function readEnvironment(name: string): Promise<Record<string, string>> {
  const part = stack.parts().find((candidate) => candidate.name === name);
  if (part === undefined) throw new Error(`${name} does not run`);
  return (await (await fetch(`${part.url}/env`)).json()) as Record<string, string>;
}

const names = () =>
  stack
    .parts()
    .filter(({ kind }) => kind === "service")
    .map(({ name }) => name)
    .sort();

it("adds and ends processes of a service while it runs", async () => {
  await stack.scale("generation-worker", 3);
  await stack.scale("api-gateway", 2);
  expect(names()).toEqual([
    "api-gateway-1",
    "api-gateway-2",
    "generation-worker-1",
    "generation-worker-2",
    "generation-worker-3",
    "notification-1",
  ]);
  expect(stack.urls).toHaveLength(2);
  await stack.scale("generation-worker", 1);
  await stack.scale("api-gateway", 1);
  expect(names()).toEqual(["api-gateway-1", "generation-worker-1", "notification-1"]);
  expect(stack.urls).toEqual([stack.url]);
}, 30_000);

it("puts a new notification node where the gateways look for one already", async () => {
  const known = (await readEnvironment("api-gateway-1"))["NOTIFICATION_URLS"]?.split(",");
  await stack.scale("notification", 2);
  const urls = stack.parts().filter(({ name }) => name.startsWith("notification"));
  expect(urls.map(({ url }) => url)).toEqual(known);
  await expect(stack.scale("notification", 3)).rejects.toThrow("spareNotifiers");
}, 30_000);

it("sets further variables of one process from its next start on", async () => {
  await stack.restartPart("generation-worker-1", { GREETING: "hello" });
  expect(await readEnvironment("generation-worker-1")).toMatchObject({ GREETING: "hello" });
  await stack.restartPart("generation-worker-1");
  expect((await readEnvironment("generation-worker-1"))["GREETING"]).toBeUndefined();
}, 30_000);

it("leads every service to the servers by a way that can be cut for it alone", async () => {
  const ask = async (name: string) => {
    const url = new URL((await readEnvironment(name))["REDIS_URL"] ?? "");
    return askRedis({ port: Number(url.port), password: url.password }, "PING");
  };
  stack.proxies.redis.of("api-gateway-1").refuse();
  await expect(ask("api-gateway-1")).rejects.toThrow();
  expect(await ask("generation-worker-1")).toBe("PONG");
  stack.proxies.redis.refuse();
  await expect(ask("generation-worker-1")).rejects.toThrow();
  stack.proxies.redis.heal();
  expect(await ask("api-gateway-1")).toBe("PONG");
  const { DATABASE_URL } = await readEnvironment("api-gateway-1");
  expect(DATABASE_URL).not.toBe(stack.databaseUrl);
}, 30_000);
