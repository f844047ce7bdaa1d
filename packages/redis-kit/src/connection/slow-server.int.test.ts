import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { createCutOffProxy } from "../testing/cut-off-proxy";
import type { CutOffProxy } from "../testing/cut-off-proxy";
import { eventually } from "../testing/redis-faults";

jest.setTimeout(60_000);

let redis: RedisServer;
let proxy: CutOffProxy;
let connected: TestRole;
let modes: string[];

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
});
beforeEach(async () => {
  proxy = await createCutOffProxy(Number(new URL(redis.url).port));
  const url = new URL(redis.url);
  url.host = `${proxy.host}:${proxy.port}`;
  connected = await connectTestRole(url.href);
  expect(connected.role.health.status().mode).toBe("normal");
  modes = [];
  connected.role.health.onChange(({ mode }) => modes.push(mode));
});
afterEach(async () => {
  await connected.role.close();
  await proxy.close();
});
afterAll(() => redis.stop());

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}

it("stays degraded while answers take longer than callers wait, and is normal soon after", async () => {
  const { role } = connected;
  proxy.slow(250);
  let waited = 0;
  const until = performance.now() + 10_000;
  while (performance.now() < until) {
    const answer = await role.guard.run("test", "a", (commands) => commands.get("a"));
    if (answer.kind === "unavailable" && answer.fault.code === "timeout") waited += 1;
    await sleep(20);
  }
  expect(modes).toEqual(["degraded"]);
  expect(waited).toBeLessThanOrEqual(5);

  proxy.slow(0);
  await eventually("normal", () => role.health.status().mode === "normal", 15_000);
  expect(modes).toEqual(["degraded", "recovering", "normal"]);
  expect(await role.guard.run("test", "a", (commands) => commands.get("a"))).toMatchObject({ kind: "ok" });
});

it("does not blame a server for one slow PING that nobody else waited with", async () => {
  // Behind the first look at how the server is set up, and well before the next one.
  await sleep(2000);
  proxy.slow(250);
  await sleep(1300);
  proxy.slow(0);
  await sleep(1500);
  expect(modes).toEqual([]);
});
