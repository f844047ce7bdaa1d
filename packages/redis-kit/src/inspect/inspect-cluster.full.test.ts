import { startRedisCluster } from "@vibe-friend/local-stack/redis-cluster";
import type { RedisCluster } from "@vibe-friend/local-stack/redis-cluster";
import { createKeys } from "../keys";
import type { RedisKeys } from "../keys";
import { createRateLimit } from "../limits/rate-limit";
import { createQueueAdmin } from "../queue/queue-admin";
import { createJobProducer } from "../queue/job-producer";
import { createJobSchedules } from "../queue/job-schedules";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { suiteJobs } from "../testing/queue-behaviour";
import { eventually } from "../testing/redis-faults";
import { inspectRole } from "./inspect-role";
import { saveInBackground } from "./save-in-background";

jest.setTimeout(60_000);

let cluster: RedisCluster;
let connected: TestRole;
let keys: RedisKeys;

beforeAll(async () => {
  const started = await startRedisCluster();
  if (started === undefined) throw new Error("there is no Redis to test with");
  cluster = started;
  const url = `redis://:${cluster.password}@127.0.0.1:1`;
  connected = await connectTestRole(url, { REDIS_CLUSTER_NODES: cluster.addresses });
  keys = createKeys(connected.config);
  await eventually("it is normal", () => connected.role.health.status().mode === "normal");
});

afterAll(async () => {
  await connected.role.close();
  await cluster.stop();
});

it("shows every node of a Cluster, each with its own keys", async () => {
  const { role } = connected;
  for (let n = 0; n < 90; n += 1) await role.commands.set(keys.session(`hash${n}`), "x");
  const inspection = await inspectRole(role, { keys });
  const masters = inspection.nodes.filter(
    ({ info }) => info.kind === "seen" && info.value.replication.role === "master",
  );
  expect(new Set(masters.map(({ address }) => address)).size).toBe(masters.length);
  expect(masters.length).toBeGreaterThanOrEqual(3);
  const views = masters.map(({ keyspace }) => {
    if (keyspace.kind !== "seen") throw new Error(JSON.stringify(keyspace));
    return keyspace.value;
  });
  const counts = views.map(({ groups }) => groups.find(({ prefix }) => prefix === "gvf:session:")?.keys ?? 0);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(90);
  expect(counts.every((count) => count > 0)).toBe(true);
  expect(inspection.nodes.flatMap(({ warnings }) => warnings.map(({ code }) => code))).not.toContain(
    "replica",
  );
});

it("saves on every master of a Cluster", async () => {
  expect(await saveInBackground(connected.role)).toEqual({ kind: "started" });
});

it("limits in a Cluster as on one server", async () => {
  const limit = createRateLimit({ role: connected.role, keys, name: "test", points: 5, durationMs: 60_000 });
  // The first question to a node of a Cluster opens the connection to it.
  await eventually("Redis decides", async () => (await limit.consume("grace")).by === "redis");
  await eventually("for ada too", async () => (await limit.consume("ada")).by === "redis");
  await limit.reset("ada");
  const decisions = await Promise.all(Array.from({ length: 20 }, () => limit.consume("ada")));
  expect(decisions.filter(({ allowed }) => allowed)).toHaveLength(5);
  expect(decisions.every(({ by }) => by === "redis")).toBe(true);
  expect((await limit.reset("ada")).kind).toBe("ok");
  expect((await limit.consume("ada")).allowed).toBe(true);
});

it("shows and schedules the jobs of a Cluster", async () => {
  const parts = { role: connected.role, keys, queue: "admin", catalogue: suiteJobs };
  const producer = createJobProducer(parts);
  const admin = createQueueAdmin(parts);
  const schedules = createJobSchedules(parts);
  await eventually("it can be added", async () => {
    return (await producer.add("greet", { name: "Ada" }, { id: "one" })).kind === "ok";
  });
  const when = { everyMs: 3_600_000 };
  expect((await schedules.upsert({ id: "hourly", job: "count", data: { to: 1 }, when })).kind).toBe("ok");
  expect((await admin.pause()).kind).toBe("ok");
  const seen = await admin.overview();
  expect(seen).toMatchObject({
    kind: "ok",
    value: { paused: true, oldestWaitingMs: expect.any(Number) as number },
  });
  await Promise.all([producer.close(), admin.close(), schedules.close()]);
});
