import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { connectTestRole } from "../testing/connect-test-role";
import { createCutOffProxy } from "../testing/cut-off-proxy";
import type { CutOffProxy } from "../testing/cut-off-proxy";
import { eventually } from "../testing/redis-faults";
import type { RedisClient, RedisRole } from "./redis-role";

jest.setTimeout(30_000);

let redis: RedisServer;
let proxy: CutOffProxy;
let role: RedisRole;

async function connect(env: Readonly<Record<string, string>>): Promise<void> {
  const url = new URL(redis.url);
  url.host = `${proxy.host}:${proxy.port}`;
  ({ role } = await connectTestRole(url.href, env));
  expect(await role.commands.set("a", "1")).toBe(true);
}

async function whenReady(client: RedisClient): Promise<RedisClient> {
  await eventually("connected", () => client.status === "ready", 5000);
  return client;
}

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
});
beforeEach(async () => {
  proxy = await createCutOffProxy(Number(new URL(redis.url).port));
});
afterEach(async () => {
  await role.close();
  await proxy.close();
});
afterAll(() => redis.stop());

describe("where answers take more than a second", () => {
  it("lets inspections, queues and limits wait for them as long as the documented defaults say", async () => {
    await connect({});
    const producer = await whenReady(role.createProducerClient());
    const background = await whenReady(role.createBackgroundClient());
    proxy.slow(1500);
    expect(await Promise.all([producer.get("a"), background.get("a")])).toEqual(["1", "1"]);
  });

  it("ends it after REDIS_READ_TIMEOUT, on connections of queues and limits after REDIS_WRITE_TIMEOUT", async () => {
    await connect({ REDIS_READ_TIMEOUT: "300ms" });
    const producer = await whenReady(role.createProducerClient());
    const background = await whenReady(role.createBackgroundClient());
    proxy.slow(1500);
    const answers = await Promise.allSettled([
      role.commands.get("a"),
      background.get("a"),
      producer.get("a"),
    ]);
    expect(answers.map(({ status }) => status)).toEqual(["rejected", "rejected", "fulfilled"]);
    await role.close();
    proxy.slow(0);
    await connect({ REDIS_WRITE_TIMEOUT: "300ms" });
    const hurried = await whenReady(role.createProducerClient());
    proxy.slow(1500);
    await expect(hurried.get("a")).rejects.toThrow("Command timed out");
  });
});

it("ends a command of the role's own after a second", async () => {
  await connect({});
  proxy.slow(1500);
  await expect(role.commands.get("a")).rejects.toMatchObject({ message: "Command timed out" });
});

describe("where the connection is lost before the answer", () => {
  async function askAndCut(client: RedisClient): Promise<string | null> {
    proxy.slow(500);
    const asked = client.get("a");
    asked.catch(() => undefined);
    await new Promise((resolve) => setTimeout(resolve, 50));
    proxy.cut("refuse");
    proxy.slow(0);
    proxy.heal();
    return asked;
  }

  it("asks again for an inspection", async () => {
    await connect({});
    expect(await askAndCut(await whenReady(role.createBackgroundClient()))).toBe("1");
  });

  it("does not with REDIS_MAX_RETRIES=0, and never for a queue or a limit", async () => {
    await connect({ REDIS_MAX_RETRIES: "0" });
    await expect(askAndCut(await whenReady(role.createBackgroundClient()))).rejects.toThrow("max retries");
    await role.close();
    await connect({});
    const producer = await whenReady(role.createProducerClient());
    await expect(askAndCut(producer)).rejects.toThrow("max retries");
  });
});
