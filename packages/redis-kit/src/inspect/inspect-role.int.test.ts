import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { parseRedisConfig } from "../config";
import type { RedisRole } from "../connection/redis-role";
import { withRedisBudget } from "../degradation/budget";
import { createKeys } from "../keys";
import { connectTestRole } from "../testing/connect-test-role";
import { createAbsentRole } from "../testing/memory-role";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";
import { inspectRole } from "./inspect-role";
import type { RoleInspection } from "./inspect-role";
import { saveInBackground } from "./save-in-background";
import type { Seen } from "./seen";

jest.setTimeout(30_000);

const keys = createKeys(parseRedisConfig({}));
let redis: RedisServer;
let role: RedisRole;

/** The only node, which has to be there. */
function nodeOf(inspection: RoleInspection) {
  const [node] = inspection.nodes;
  if (node === undefined) throw new Error(`no node: ${inspection.fault?.code}`);
  return node;
}

function valueOf<T>(seen: Seen<T>): T {
  if (seen.kind !== "seen") throw new Error(`not seen: ${JSON.stringify(seen)}`);
  return seen.value;
}

const setConfig = (name: string, value: string) =>
  askServer(redis.url, (client) => client.config("SET", name, value));

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
  ({ role } = await connectTestRole(redis.url));
});

beforeEach(async () => {
  await eventually("the role is normal", () => role.health.status().mode === "normal");
  await askServer(redis.url, (client) => client.flushall());
});

afterEach(async () => {
  redis.resume();
  if (redis.pid === undefined) await redis.restart();
});

afterAll(async () => {
  await role.close();
  await redis.stop();
});

describe("inspecting a role on a real server", () => {
  it("gives everything an admin asks for", async () => {
    await askServer(redis.url, async (client) => {
      for (let n = 0; n < 30; n += 1) await client.set(keys.session(`hash${n}`), "x".repeat(100));
      for (let n = 0; n < 10; n += 1)
        await client.set(keys.cache(`users:${n}`), "x".repeat(5000), "PX", 60_000);
      await client.hset(`${keys.queuePrefix}:generation:1`, "name", "run");
      await client.set("stranger:1", "x");
      await client.get(keys.session("hash1"));
      await client.get(keys.session("nobody"));
    });
    const inspection = await inspectRole(role, { keys });
    expect(inspection).toMatchObject({
      role: "state",
      status: { mode: "normal" },
      identity: role.identity(),
    });
    const node = nodeOf(inspection);
    expect(node.address).toBe(`127.0.0.1:${redis.port}`);
    expect(valueOf(node.roundTripMs)).toBeGreaterThan(0);
    const info = valueOf(node.info);
    expect(info.server.runId).toBe(role.identity());
    expect(info.stats.hitRate).toBeGreaterThan(0);
    expect(info.stats.hitRate).toBeLessThan(1);
    expect(info.keyspace).toEqual([{ database: 0, keys: 42, expiringKeys: 10 }]);
    expect(node.warnings.map(({ code }) => code)).toEqual(["memory-unlimited"]);

    const keyspace = valueOf(node.keyspace);
    expect(keyspace).toMatchObject({ totalKeys: 42, scannedKeys: 42, partial: false });
    expect(keyspace.groups.map(({ prefix, keys: count }) => [prefix, count])).toEqual([
      ["gvf:session:", 30],
      ["gvf:cache:", 10],
      ["gvf:queue:", 1],
      ["stranger:", 1],
    ]);
    const [sessions, values] = keyspace.groups;
    expect(sessions?.averageBytes).toBeGreaterThan(100);
    expect(values?.averageBytes).toBeGreaterThan(5000);
    expect(values?.averageBytes).toBeLessThan(8000);
    expect(JSON.parse(JSON.stringify(inspection))).toMatchObject({ role: "state" });
  });

  it("looks no further than its budget, says so, and estimates the rest", async () => {
    await askServer(redis.url, async (client) => {
      const pairs = Array.from({ length: 20_000 }, (_, n) => [keys.cache(`k${n}`), "x"]).flat();
      await client.mset(...pairs);
    });
    const node = nodeOf(await inspectRole(role, { keys, parts: ["keyspace"], scan: { keys: 3000 } }));
    const keyspace = valueOf(node.keyspace);
    expect(keyspace).toMatchObject({ totalKeys: 20_000, partial: true });
    expect(keyspace.scannedKeys).toBeLessThan(6000);
    expect(keyspace.groups[0]?.estimatedKeys).toBe(20_000);
    expect(node.slowlog).toEqual({ kind: "skipped" });
  });

  it("shows slow commands by key, without what they wrote, and what LATENCY has seen", async () => {
    await setConfig("slowlog-log-slower-than", "0");
    await setConfig("latency-monitor-threshold", "1");
    await askServer(redis.url, (client) => client.set(keys.session("slow"), "a-secret"));
    await askServer(redis.url, (client) => client.call("DEBUG", "SLEEP", "0.02").catch(() => undefined));
    const inspection = await inspectRole(role, { keys, parts: ["slowlog", "latency"] });
    await setConfig("slowlog-log-slower-than", "10000");
    const slow = valueOf(nodeOf(inspection).slowlog);
    expect(slow).toContainEqual(expect.objectContaining({ command: "SET", key: keys.session("slow") }));
    expect(JSON.stringify(inspection)).not.toContain("a-secret");
    expect(Array.isArray(valueOf(nodeOf(inspection).latency))).toBe(true);
  });

  it("says of each part that this user may not see it, and shows the others", async () => {
    await askServer(redis.url, (client) =>
      client.call("ACL", "SETUSER", "clerk", "on", ">pw", "~gvf:*", "+@all", "-@dangerous", "+info"),
    );
    const { role: clerk } = await connectTestRole(`redis://clerk:pw@127.0.0.1:${redis.port}`);
    await clerk.commands.set(keys.session("one"), "x");
    const node = nodeOf(await inspectRole(clerk, { keys }));
    expect(valueOf(node.info).server.version).toBe(redis.version);
    expect(node.slowlog).toEqual({ kind: "denied", right: "+slowlog|get" });
    expect(node.latency).toEqual({ kind: "denied", right: "+latency|latest" });
    expect(valueOf(node.keyspace).groups).toMatchObject([{ prefix: "gvf:session:", measuredKeys: 1 }]);
    expect(await saveInBackground(clerk)).toMatchObject({ kind: "refused", because: "denied" });
    await askServer(redis.url, (client) =>
      client.call("ACL", "SETUSER", "clerk", "+slowlog|get", "+latency", "+bgsave"),
    );
    const allowed = nodeOf(await inspectRole(clerk, { keys }));
    expect([allowed.slowlog.kind, allowed.latency.kind]).toEqual(["seen", "seen"]);
    await clerk.close();
  });

  it("answers for a role that is away what it is and since when, and sees it again afterwards", async () => {
    await inspectRole(role, { keys });
    await redis.kill();
    await eventually("it is degraded", () => role.health.status().mode === "degraded");
    const away = await inspectRole(role, { keys });
    expect(away).toMatchObject({ status: { mode: "degraded", reason: "unreachable" }, nodes: [] });
    expect(away.fault?.code).toBe("unreachable");
    expect(away.status.since.getTime()).toBeGreaterThan(Date.now() - 20_000);
    expect(away.history.at(-1)).not.toHaveProperty("to");
    expect(await saveInBackground(role)).toMatchObject({ kind: "unavailable" });
    await redis.restart();
    await eventually("it is seen", async () => (await inspectRole(role, { keys })).nodes.length === 1);
  });

  it("keeps its deadline when the server freezes under it", async () => {
    await inspectRole(role, { keys });
    redis.freeze();
    const startedAt = performance.now();
    const frozen = await inspectRole(role, { keys, deadlineMs: 1000 });
    expect(performance.now() - startedAt).toBeLessThan(3000);
    const parts = frozen.nodes.map(({ info }) => info);
    if (frozen.fault === undefined) expect(parts).toMatchObject([{ kind: "unavailable", code: "timeout" }]);
    await eventually("it is degraded", () => role.health.status().mode === "degraded");
    expect((await inspectRole(role, { keys })).fault?.code).toBe("timeout");
  });

  it("shows a full server, which the role calls degraded", async () => {
    await setConfig("maxmemory", "1");
    await eventually("it is degraded", async () => {
      await role.guard.run("test", "x", (commands) => commands.set("x", "x"));
      return role.health.status().mode === "degraded";
    });
    const full = await inspectRole(role, { keys });
    expect(full.status.reason).toBe("out-of-memory");
    expect(nodeOf(full).warnings.map(({ code }) => code)).toContain("memory-nearly-full");
    await setConfig("maxmemory", "0");
  });

  it("takes its own time, whatever is left of the budget of the request that asks", async () => {
    const fresh = await connectTestRole(redis.url);
    const inspection = await withRedisBudget(0, () => inspectRole(fresh.role, { keys }));
    expect(valueOf(nodeOf(inspection).info).server.version).toMatch(/^\d/);
    await fresh.role.close();
    const other = await connectTestRole(redis.url);
    const saving = await withRedisBudget(0, () => saveInBackground(other.role));
    expect(saving.kind).not.toBe("unavailable");
    await other.role.close();
    await eventually("no save is running", async () => {
      const { info } = nodeOf(await inspectRole(role, { keys, parts: [] }));
      return !valueOf(info).persistence.saveRunning;
    });
  });

  it("says of a role that is switched off that it is", async () => {
    const inspection = await inspectRole(createAbsentRole(), { keys });
    expect(inspection).toMatchObject({ nodes: [], fault: { code: "disabled" } });
  });
});

describe("saving in the background", () => {
  it("starts one, refuses another while it runs, and shows when it was done", async () => {
    const savedBefore = valueOf(nodeOf(await inspectRole(role, { keys })).info).persistence.lastSaveAt;
    await askServer(redis.url, (client) => client.mset("a", "1", "b", "2", "c", "3"));
    // Microseconds for each key, so that it lasts for more than a second.
    await setConfig("rdb-key-save-delay", "500000");
    await new Promise((resolve) => setTimeout(resolve, 1100));
    expect(await saveInBackground(role)).toEqual({ kind: "started" });
    const refused = await saveInBackground(role);
    expect(refused).toMatchObject({ kind: "refused", because: "running" });
    const running = await inspectRole(role, { keys, parts: [] });
    expect(valueOf(nodeOf(running).info).persistence.saveRunning).toBe(true);
    await setConfig("rdb-key-save-delay", "0");
    await eventually("it is done", async () => {
      const { persistence } = valueOf(nodeOf(await inspectRole(role, { keys, parts: [] })).info);
      return !persistence.saveRunning && persistence.lastSaveAt > savedBefore && persistence.lastSaveOk;
    });
  });
});
