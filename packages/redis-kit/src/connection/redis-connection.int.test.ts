import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { RoleMisconfigured } from "../errors";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";

jest.setTimeout(30_000);

let redis: RedisServer;
const open: TestRole[] = [];

async function connect(url = redis.url, env: Readonly<Record<string, string>> = {}, role?: "cache") {
  const connected = await connectTestRole(url, env, role);
  open.push(connected);
  return connected;
}

function isNormal({ role }: TestRole) {
  return role.health.status().mode === "normal";
}

async function configure(setting: string, value: string) {
  await askServer(redis.url, (client) => client.config("SET", setting, value));
}

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
});

afterEach(async () => {
  await Promise.all(open.splice(0).map(({ role }) => role.close()));
  redis.resume();
  if (redis.pid === undefined) await redis.restart();
});

afterAll(() => redis.stop());

it("is normal and writes no line above debug when all is well", async () => {
  const { role, logger } = await connect();
  expect(role.health.status().mode).toBe("normal");
  expect(await role.guard.run("test", "a", (client) => client.set("a", "1"))).toEqual({
    kind: "ok",
    value: true,
  });
  expect(await role.guard.run("test", "a", (client) => client.get("a"))).toEqual({ kind: "ok", value: "1" });
  expect(logger.messages("info", "warn", "error")).toEqual([]);
});

it("does what each command says", async () => {
  const { commands } = (await connect()).role;
  expect(await commands.set("k", "1", { ttlMs: 10_000, only: "present" })).toBe(false);
  expect(await commands.set("k", "1", { ttlMs: 10_000, only: "absent" })).toBe(true);
  expect(await commands.set("k", "2", { only: "absent" })).toBe(false);
  expect(await commands.compareAndSet("k", { previous: "2", next: "3", ttlMs: 1000 })).toBe(false);
  expect(await commands.compareAndSet("k", { previous: "1", next: "3", ttlMs: 1000 })).toBe(true);
  expect(await commands.mget(["k", "none"])).toEqual(["3", undefined]);
  expect(await commands.mget([])).toEqual([]);
  expect(await commands.incr("n", 1000)).toBe(1);
  expect(await commands.incr("n", 1000)).toBe(2);
  expect(await commands.sadd("s", ["a", "b"])).toBe(2);
  expect(await commands.srem("s", ["a"])).toBe(1);
  expect(await commands.smembers("s")).toEqual(["b"]);
  expect(await commands.pexpire("none", 1000)).toBe(false);
  const answers = await commands.pipeline([
    { command: "get", key: "k" },
    { command: "sadd", key: "k", member: "wrong type" },
    { command: "set", key: "p", value: "1", ttlMs: 1000 },
  ]);
  expect(answers).toMatchObject([{ ok: true, value: "3" }, { ok: false }, { ok: true, value: "OK" }]);
  expect(await commands.del(["k", "n", "s", "p", "none"])).toBe(4);
});

it("answers from the breaker while Redis is dead, and is back within 5 s of its return", async () => {
  const connected = await connect();
  const { role, logger } = connected;
  await redis.kill();
  await eventually("degraded", () => role.health.status().mode === "degraded", 3000);
  const startedAt = performance.now();
  const answer = await role.guard.run("test", "a", (client) => client.get("a"));
  expect(answer).toMatchObject({ kind: "unavailable", fault: { retryable: true } });
  expect(performance.now() - startedAt).toBeLessThan(50);
  await redis.restart();
  await eventually("normal", () => isNormal(connected), 5000);
  expect(await role.guard.run("test", "a", (client) => client.get("a"))).toMatchObject({ kind: "ok" });
  expect(logger.messages("warn", "info")).toEqual([
    "redis state is degraded: unreachable",
    "redis state answers again",
    "redis state is back to normal",
  ]);
  expect(role.health.history()).toMatchObject([{ reason: "unreachable", to: expect.any(Date) as Date }]);
});

it("costs a few calls their deadline when Redis is frozen, then none, and is back within 5 s", async () => {
  const connected = await connect();
  const { role } = connected;
  redis.freeze();
  const durations: number[] = [];
  for (let call = 0; call < 30; call += 1) {
    const startedAt = performance.now();
    expect(await role.guard.run("test", "a", (client) => client.get("a"))).toMatchObject({
      kind: "unavailable",
    });
    durations.push(performance.now() - startedAt);
  }
  expect(durations.filter((ms) => ms > 50).length).toBeLessThanOrEqual(4);
  expect(Math.max(...durations)).toBeLessThan(400);
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "timeout" });
  await new Promise((resolve) => setTimeout(resolve, 1500));
  redis.resume();
  await eventually("normal", () => isNormal(connected), 5000);
});

it("starts degraded with one clear line when Redis was never up, and recovers when it comes", async () => {
  await redis.kill();
  const startedAt = performance.now();
  const connected = await connect();
  expect(performance.now() - startedAt).toBeLessThan(5500);
  expect(connected.role.health.status()).toMatchObject({ mode: "degraded", reason: "unreachable" });
  expect(connected.logger.messages("error")).toEqual([
    `redis connection failed: connect ECONNREFUSED 127.0.0.1:${redis.port}`,
  ]);
  await redis.restart();
  await eventually("normal", () => isNormal(connected), 5000);
});

it("starts degraded within 5.5 s when Redis is frozen", async () => {
  redis.freeze();
  const startedAt = performance.now();
  const connected = await connect();
  expect(performance.now() - startedAt).toBeLessThan(5500);
  expect(connected.role.health.status()).toMatchObject({ mode: "degraded", reason: "timeout" });
  redis.resume();
  await eventually("normal", () => isNormal(connected), 5000);
});

it("starts degraded on a wrong password, without ever naming it", async () => {
  const { role, logger } = await connect(redis.url.replace(redis.password, "not-the-password"));
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "auth" });
  expect(logger.messages("error")).toEqual([expect.stringMatching(/^redis connection failed: WRONGPASS/)]);
  const answer = await role.guard.run("test", "a", (client) => client.get("a"));
  expect(answer.kind).toBe("unavailable");
  expect(JSON.stringify([logger.lines, answer])).not.toContain("not-the-password");
});

it("is degraded while the password is another one, and recovers with the right one", async () => {
  const connected = await connect();
  await askServer(redis.url, async (client) => {
    await client.config("SET", "requirepass", "rotated");
    await client.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
  });
  await eventually("auth fault", () => connected.role.health.status().reason === "auth", 5000);
  const rotated = redis.url.replace(redis.password, "rotated");
  await askServer(rotated, (client) => client.config("SET", "requirepass", redis.password));
  await eventually("normal", () => isNormal(connected), 5000);
});

it("names a full memory when writes are refused, goes on reading, and recovers with room", async () => {
  const connected = await connect();
  const { role } = connected;
  await role.commands.set("before", "1");
  await configure("maxmemory", "1mb");
  const written = await role.guard.run("test", "big", (client) => client.set("big", "x"));
  expect(written).toMatchObject({ kind: "unavailable", fault: { code: "out-of-memory" } });
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "out-of-memory" });
  expect(await role.guard.run("test", "a", (client) => client.get("before"))).toEqual({
    kind: "ok",
    value: "1",
  });
  await new Promise((resolve) => setTimeout(resolve, 600));
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "out-of-memory" });
  await configure("maxmemory", "0");
  await eventually("normal", () => isNormal(connected), 5000);
});

it("names a replica, and recovers when it is a master again", async () => {
  const connected = await connect();
  await askServer(redis.url, (client) => client.replicaof("127.0.0.1", 1));
  const written = await connected.role.guard.run("test", "a", (client) => client.set("a", "x"));
  expect(written).toMatchObject({ kind: "unavailable", fault: { code: "read-only" } });
  expect(connected.role.health.status()).toMatchObject({ mode: "degraded", reason: "read-only" });
  await askServer(redis.url, (client) => client.replicaof("NO", "ONE"));
  await eventually("normal", () => isNormal(connected), 5000);
});

it("refuses to start on an evicting state server unless that is allowed, and lets the cache evict", async () => {
  await configure("maxmemory-policy", "allkeys-lru");
  await expect(connect()).rejects.toThrow(RoleMisconfigured);
  await expect(connect()).rejects.toThrow(/maxmemory-policy of the state role is allkeys-lru/);
  expect(isNormal(await connect(redis.url, { REDIS_ALLOW_EVICTION: "true" }))).toBe(true);
  expect(isNormal(await connect(redis.url, {}, "cache"))).toBe(true);
  await configure("maxmemory-policy", "noeviction");
});

it("stays degraded, and asks nothing, while the state server evicts later on", async () => {
  const connected = await connect();
  await configure("maxmemory-policy", "allkeys-lru");
  await eventually("degraded", () => connected.role.health.status().reason === "policy", 7000);
  const answer = await connected.role.guard.run("test", "a", (client) => client.get("a"));
  expect(answer).toMatchObject({ kind: "unavailable", fault: { code: "policy" } });
  await configure("maxmemory-policy", "noeviction");
  await eventually("normal", () => isNormal(connected), 5000);
});

it("refuses to start with a DB index that does not exist, and writes nothing into DB 0", async () => {
  await expect(connect(redis.url, { REDIS_DB: "99" })).rejects.toMatchObject({ code: "wrong-database" });
  expect(isNormal(await connect(redis.url, { REDIS_DB: "15" }))).toBe(true);
});

it("is degraded and answers at once with REDIS_URL=none", async () => {
  const { role } = await connect("none");
  expect(role.disabled).toBe(true);
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "disabled" });
  expect(await role.guard.run("test", "a", (client) => client.get("a"))).toMatchObject({
    kind: "unavailable",
    fault: { code: "disabled", retryable: false },
  });
});
