import { askRedis } from "@vibe-friend/local-stack/redis-ask";
import { startRedisCluster } from "@vibe-friend/local-stack/redis-cluster";
import type { RedisCluster } from "@vibe-friend/local-stack/redis-cluster";
import { createKeys } from "../keys";
import { createJobConsumer } from "../queue/job-consumer";
import { createJobProducer } from "../queue/job-producer";
import { busBehaviour } from "../testing/bus-behaviour";
import { cacheBehaviour } from "../testing/cache-behaviour";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { queueBehaviour, suiteJobs } from "../testing/queue-behaviour";
import { eventually } from "../testing/redis-faults";
import { sessionStoreBehaviour } from "../testing/session-store-behaviour";
import type { RedisRoleName } from "./redis-role";

jest.setTimeout(60_000);

let cluster: RedisCluster;
let queues = 0;

beforeAll(async () => {
  const started = await startRedisCluster();
  if (started === undefined) throw new Error("there is no Redis to test with");
  cluster = started;
});
afterAll(() => cluster.stop());

function connect(role: RedisRoleName = "state"): Promise<TestRole> {
  const url = `redis://:${cluster.password}@127.0.0.1:1`;
  return connectTestRole(url, { REDIS_CLUSTER_NODES: cluster.addresses }, role);
}

function isNormal({ role }: TestRole): boolean {
  return role.health.status().mode === "normal";
}

async function createSetup(name: RedisRoleName) {
  const [here, there] = await Promise.all([connect(name), connect(name)]);
  return {
    role: here.role,
    otherRole: there.role,
    faults: cluster,
    async close() {
      await Promise.all([here.role.close(), there.role.close()]);
    },
  };
}

sessionStoreBehaviour("a Cluster", () => createSetup("state"));
cacheBehaviour("a Cluster", () => createSetup("cache"));
busBehaviour("a Cluster", () => createSetup("state"));
queueBehaviour("a Cluster", async () => {
  const { role, config } = await connect();
  queues += 1;
  const parts = { role, keys: createKeys(config), queue: `cluster-${queues}`, catalogue: suiteJobs };
  const producer = createJobProducer(parts);
  return {
    producer,
    createConsumer: (handlers, concurrency) => createJobConsumer({ ...parts, handlers, concurrency }),
    setAway: (away) => (away ? cluster.kill() : cluster.restart()),
    async close() {
      await producer.close();
      await role.close();
    },
  };
});

describe("a role in a Cluster", () => {
  let connected: TestRole;

  beforeEach(async () => {
    connected = await connect();
    await eventually("normal", () => isNormal(connected));
  });
  afterEach(async () => {
    cluster.resume();
    await cluster.restart();
    await connected.role.close();
  });

  it("is known by the run ids of all its masters", () => {
    expect(connected.role.identity()).toMatch(/^[0-9a-f]{40},[0-9a-f]{40},[0-9a-f]{40}$/);
  });

  it("has another identity when one master was restarted, and none in between", async () => {
    const { role } = connected;
    const before = role.identity() ?? "";
    const seen: (string | undefined)[] = [];
    role.onIdentity(() => seen.push(role.identity()));
    await cluster.nodes[1]?.kill();
    await eventually("unknown", () => role.identity() === undefined, 9000);
    expect((await role.guard.run("test", "a", (redis) => redis.get("a"))).kind).toBe("unavailable");
    await cluster.restart();
    await eventually("normal", () => isNormal(connected));
    const after = role.identity() ?? "";
    expect(after).toMatch(/^[0-9a-f]{40},[0-9a-f]{40},[0-9a-f]{40}$/);
    expect(before.split(",").filter((runId) => after.includes(runId))).toHaveLength(2);
    // Never two of three: that would pass for a Cluster of its own.
    expect(seen.filter((identity) => identity !== undefined)).toEqual([after]);
  });

  it("costs a few calls their deadline when one of three masters is frozen, then none", async () => {
    const { role } = connected;
    cluster.nodes[2]?.freeze();
    await eventually("degraded", () => role.health.status().mode === "degraded", 9000);
    const startedAt = performance.now();
    for (let call = 0; call < 300; call += 1) {
      await role.guard.run("test", "a", (redis) => redis.get(`key-${call}`));
    }
    expect(performance.now() - startedAt).toBeLessThan(3000);
    cluster.resume();
    await eventually("normal", () => isNormal(connected));
  });

  it("hears what is published by the others while any one node is frozen", async () => {
    const heard = new Set<string>();
    const subscriber = connected.role.createSubscriber({
      onMessage: (_channel, message) => heard.add(message),
      onGap: () => undefined,
    });
    await subscriber.subscribe("news").catch(() => undefined);
    let sent = 0;
    for (const frozen of cluster.nodes) {
      const [publisher] = cluster.nodes.filter((node) => node !== frozen);
      if (publisher === undefined) throw new Error("there is no other node");
      const comesThrough = async () => {
        sent += 1;
        const message = `message ${sent}`;
        await askRedis(publisher, "PUBLISH", "news", message);
        await new Promise((resolve) => setTimeout(resolve, 50));
        return heard.has(message);
      };
      await eventually("it listens", comesThrough);
      frozen.freeze();
      await eventually("it listens still, or again", comesThrough);
      frozen.resume();
      await cluster.restart();
    }
    await subscriber.close();
  });
});
