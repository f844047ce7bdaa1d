import { existsSync, readFileSync, rmSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { findProcessStart } from "./process-identity";
import type { RunningPart } from "./stack-file";
import { startStack, type Stack } from "./stack";
import { createTemporaryDirectory } from "./temporary-directory";
import { createFakeService } from "./testing/fake-service";
import { waitUntil } from "./testing/wait-until";

const dataDir = createTemporaryDirectory("stack");
const services = [
  createFakeService(dataDir, "api-gateway", true),
  createFakeService(dataDir, "auth"),
  createFakeService(dataDir, "generation-worker", true),
  createFakeService(dataDir, "notification", true),
];

function readStackFile(): RunningPart[] {
  return JSON.parse(readFileSync(join(dataDir, "stack.json"), "utf8")) as RunningPart[];
}

function readPart(name: string): RunningPart {
  const part = readStackFile().find((candidate) => candidate.name === name);
  if (part === undefined) throw new Error(`${name} does not run`);
  return part;
}

async function readEnvironment(part: RunningPart): Promise<Record<string, string | undefined>> {
  const response = await fetch(`${part.url}/env`, { signal: AbortSignal.timeout(2_000) });
  return (await response.json()) as Record<string, string | undefined>;
}

afterAll(() => {
  rmSync(dataDir, { recursive: true, force: true });
});

describe("a stack", () => {
  let stack: Stack;
  const news: string[] = [];
  const logs: string[] = [];
  beforeAll(async () => {
    stack = await startStack({
      dataDir,
      services,
      migration: false,
      workers: 2,
      notifiers: 2,
      gateways: 2,
      env: { GREETING: "hello" },
      onWarning: (line) => news.push(line),
      onLog: (part, line) => logs.push(`${part}: ${line}`),
    });
  }, 120_000);
  afterAll(async () => {
    await stack.stop();
  }, 60_000);

  it("lists every running process in stack.json, for its owner's eyes only", () => {
    const parts = readStackFile();
    expect(parts.map(({ name, kind }) => `${kind} ${name}`).sort()).toEqual([
      "postgres postgres",
      "redis redis",
      "service api-gateway-1",
      "service api-gateway-2",
      "service auth",
      "service generation-worker-1",
      "service generation-worker-2",
      "service notification-1",
      "service notification-2",
    ]);
    expect(parts.every(({ pid }) => findProcessStart(pid) !== undefined)).toBe(true);
    expect(statSync(join(dataDir, "stack.json")).mode & 0o777).toBe(0o600);
    expect(statSync(join(dataDir, "secrets.json")).mode & 0o777).toBe(0o600);
    expect(stack.parts()).toEqual(parts);
  });

  it("tells each service where the others are, and nothing of the parent's environment", async () => {
    const env = await readEnvironment(readPart("api-gateway-1"));
    expect(env).toMatchObject({
      GREETING: "hello",
      PUBLIC_URL: stack.url,
      AUTH_URL: readPart("auth").url,
      NOTIFICATION_URLS: `${readPart("notification-1").url},${readPart("notification-2").url}`,
      DATABASE_URL: stack.databaseUrl,
      REDIS_URL: stack.redisUrl,
    });
    expect(env["INTERNAL_TOKEN_SECRET"]).toMatch(/^[\w-]{64}$/);
    expect(env["JEST_WORKER_ID"]).toBeUndefined();
    expect(logs).toContain(`auth: listening on ${new URL(readPart("auth").url).port}`);
  });

  it("starts a service again that a stranger killed, on the same port", async () => {
    const before = readPart("generation-worker-1");
    process.kill(before.pid, "SIGKILL");
    await waitUntil(
      () => readStackFile().some((p) => p.name === before.name && p.pid !== before.pid),
      15_000,
    );
    const after = readPart("generation-worker-1");
    expect(after.url).toBe(before.url);
    expect(news).toContain("generation-worker-1 ended (SIGKILL); starting it again in 0.5 s");
  }, 30_000);

  it("starts Redis again that a stranger killed", async () => {
    const before = readPart("redis");
    process.kill(before.pid, "SIGKILL");
    await waitUntil(() => readStackFile().some((p) => p.name === "redis" && p.pid !== before.pid), 15_000);
    expect(readPart("redis").url).toBe(before.url);
  }, 30_000);

  it("leaves a part down that was killed on purpose, until it is restarted", async () => {
    const exit = await stack.kill("generation-worker-2", "SIGTERM");
    expect(exit).toEqual({ code: 0, signal: null });
    await new Promise((resolve) => setTimeout(resolve, 1_200));
    expect(stack.parts().some(({ name }) => name === "generation-worker-2")).toBe(false);
    await stack.restartPart("generation-worker-2");
    expect(readPart("generation-worker-2").pid).toBeGreaterThan(0);
  }, 30_000);

  it("freezes and resumes a part", async () => {
    stack.freeze("auth");
    await expect(readEnvironment(readPart("auth"))).rejects.toThrow(/timeout/i);
    stack.resume("auth");
    expect(await readEnvironment(readPart("auth"))).toBeDefined();
  }, 30_000);

  it("names the parts there are when asked for another", () => {
    expect(() => {
      stack.freeze("teapot");
    }).toThrow(/no part teapot; there are .*auth/);
  });

  it("leaves no process and no stack.json when stopped", async () => {
    const pids = stack.parts().map(({ pid }) => pid);
    await stack.stop();
    expect(pids.filter((pid) => findProcessStart(pid) !== undefined)).toEqual([]);
    expect(existsSync(join(dataDir, "stack.json"))).toBe(false);
  }, 60_000);
});

it("says the last words of a service that doesn't start, and stops the rest", async () => {
  const started: string[] = [];
  const failing = startStack({
    dataDir,
    services,
    migration: false,
    env: { FAIL: "yes" },
    onProgress: (line) => started.push(line),
  });
  await expect(failing).rejects.toThrow(/ended at once:\n {2}PORT is not to my liking/);
  expect(started.some((line) => line.startsWith("Postgres"))).toBe(true);
  expect(existsSync(join(dataDir, "stack.json"))).toBe(false);
}, 60_000);

it("does not take another program on the gateway's port for the gateway", async () => {
  const other = createServer((_request, response) => response.end("ready"));
  await new Promise<void>((listening) => other.listen(0, "127.0.0.1", listening));
  const gatewayPort = (other.address() as AddressInfo).port;
  const failing = startStack({ dataDir, services, migration: false, redis: false, gatewayPort });
  await expect(failing).rejects.toThrow("another program answers in the place of api-gateway-1");
  other.close();
}, 60_000);

it("runs without Redis when asked to, and tells the services", async () => {
  const stack = await startStack({ dataDir, services, migration: false, redis: false });
  expect(stack.env["REDIS_URL"]).toBe("none");
  expect(stack.parts().some(({ kind }) => kind === "redis")).toBe(false);
  await stack.stop();
}, 60_000);

it("gives up and stops what it has started when told to in mid-start", async () => {
  const abort = new AbortController();
  const failing = startStack({
    dataDir,
    services,
    migration: false,
    signal: abort.signal,
    onProgress: () => {
      abort.abort();
    },
  });
  await expect(failing).rejects.toThrow("stopped");
  expect(existsSync(join(dataDir, "stack.json"))).toBe(false);
}, 60_000);
