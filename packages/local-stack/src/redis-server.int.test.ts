import { join } from "node:path";
import { spawn } from "node:child_process";
import { existsSync, rmSync, statSync } from "node:fs";
import { Redis } from "ioredis";
import { findFreePort } from "./free-port";
import { isRunning, readProcessIdentity } from "./process-identity";
import { findRedisBinary } from "./redis-binary";
import { isRedisReady } from "./redis-probe";
import type { RedisServer } from "./redis-server";
import { createTemporaryDirectory } from "./temporary-directory";
import { useTestRedis } from "./test-servers";
import { waitUntil } from "./testing/wait-until";

async function withClient<T>(server: RedisServer, work: (client: Redis) => Promise<T>): Promise<T> {
  const client = new Redis(server.url, { maxRetriesPerRequest: 0, commandTimeout: 2_000 });
  client.on("error", () => undefined);
  try {
    return await work(client);
  } finally {
    client.disconnect();
  }
}

describe("a private Redis", () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await useTestRedis();
  }, 60_000);
  afterAll(async () => {
    await redis.stop();
  });

  it("keeps what was written through a crash that follows a second later", async () => {
    await withClient(redis, async (client) => {
      await client.set("kept", "yes");
      expect(await client.config("GET", "maxmemory-policy")).toEqual(["maxmemory-policy", "noeviction"]);
    });
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    const before = redis.pid;
    await redis.kill();
    expect(redis.pid).toBeUndefined();
    await redis.restart();
    expect(redis.pid).not.toBe(before);
    expect(await withClient(redis, (client) => client.get("kept"))).toBe("yes");
  });

  it("refuses whoever has no password", async () => {
    expect(await isRedisReady(redis.port, "")).toBe(false);
    expect(await isRedisReady(redis.port, "wrong")).toBe(false);
    expect(await isRedisReady(redis.port, redis.password)).toBe(true);
  });

  it("hangs while frozen and answers when resumed", async () => {
    redis.freeze();
    expect(await isRedisReady(redis.port, redis.password)).toBe(false);
    redis.resume();
    expect(await isRedisReady(redis.port, redis.password)).toBe(true);
  });
});

it("takes the port, the password, the folder and the settings that the caller names", async () => {
  const [port, dataDir] = [await findFreePort(), createTemporaryDirectory("redis")];
  const redis = await useTestRedis({ port, dataDir, password: "named", args: ["--maxmemory", "5mb"] });
  expect(redis.url).toBe(`redis://:named@127.0.0.1:${port}`);
  expect(statSync(join(dataDir, "redis.conf")).mode & 0o777).toBe(0o600);
  expect(await withClient(redis, (client) => client.config("GET", "maxmemory"))).toEqual([
    "maxmemory",
    "5242880",
  ]);
  await redis.stop();
  expect(existsSync(join(dataDir, "appendonlydir"))).toBe(true);
  rmSync(dataDir, { recursive: true });
});

it("is ended, even frozen, when its owner dies without a word", async () => {
  const owner = spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "ignore" });
  const redis = await useTestRedis({ owner: readProcessIdentity(owner.pid!) });
  const identity = readProcessIdentity(redis.pid!);
  redis.freeze();
  owner.kill("SIGKILL");
  await waitUntil(() => !isRunning(identity), 15_000);
}, 30_000);

it("is unpacked from the system's packages without root where there are any, and found again", async () => {
  const toolsDirectory = createTemporaryDirectory("tools");
  const lines: string[] = [];
  const find = (): ReturnType<typeof findRedisBinary> =>
    findRedisBinary({ sources: ["unpacked"], toolsDirectory, onProgress: (line) => lines.push(line) });
  const first = await find();
  const unpacking = lines.length;
  const second = await find();
  expect({ second, lines }).toEqual({ second: first, lines });
  if (existsSync("/usr/bin/apt-get")) {
    expect(first?.path.startsWith(toolsDirectory)).toBe(true);
    expect(lines).toHaveLength(unpacking);
  } else {
    expect(first).toBeUndefined();
  }
  rmSync(toolsDirectory, { recursive: true });
}, 180_000);
