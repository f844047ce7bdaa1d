import { askRedis } from "@vibe-friend/local-stack/redis-ask";
import { startRedisSentinel } from "@vibe-friend/local-stack/redis-sentinel";
import type { RedisSentinel } from "@vibe-friend/local-stack/redis-sentinel";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
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

let sentinel: RedisSentinel;
let queues = 0;

beforeAll(async () => {
  const started = await startRedisSentinel();
  if (started === undefined) throw new Error("there is no Redis to test with");
  sentinel = started;
});
afterAll(() => sentinel.stop());

function connect(role: RedisRoleName = "state"): Promise<TestRole> {
  const url = `redis://:${sentinel.password}@127.0.0.1:1`;
  const env = { REDIS_SENTINELS: sentinel.addresses, REDIS_SENTINEL_NAME: sentinel.name };
  return connectTestRole(url, env, role);
}

function isNormal({ role }: TestRole): boolean {
  return role.health.status().mode === "normal";
}

/** Waits until the other one is a replica that is up to date: only then can it take over. */
async function waitForReplica(): Promise<void> {
  const master = await sentinel.waitForMaster();
  await eventually(
    "the replica follows",
    async () => {
      const info = String(await askRedis(master, "INFO", "replication").catch(() => ""));
      return info.includes("state=online");
    },
    45_000,
  );
}

/** Every kill is of the master there is; the Sentinels see to another one. */
const faults = {
  async kill() {
    await waitForReplica();
    await (await sentinel.findMaster()).kill();
  },
  async restart() {
    await sentinel.waitForMaster();
    const stopped = sentinel.servers.filter(({ pid }) => pid === undefined);
    await Promise.all(stopped.map((server) => server.restart()));
  },
  freeze() {
    for (const server of sentinel.servers) server.freeze();
  },
  resume() {
    for (const server of sentinel.servers) server.resume();
  },
  async flushAll() {
    await askRedis(await sentinel.waitForMaster(), "FLUSHALL");
  },
};

async function createSetup(name: RedisRoleName) {
  const [here, there] = await Promise.all([connect(name), connect(name)]);
  return {
    role: here.role,
    otherRole: there.role,
    faults,
    async close() {
      await Promise.all([here.role.close(), there.role.close()]);
    },
  };
}

describe("a role behind Sentinels", () => {
  let connected: TestRole;
  let master: RedisServer;

  beforeEach(async () => {
    await waitForReplica();
    master = await sentinel.findMaster();
    connected = await connect();
    await eventually("normal", () => isNormal(connected));
  });
  afterEach(async () => {
    faults.resume();
    await faults.restart();
    await connected.role.close();
  });

  const write = (key: string, value: string) =>
    connected.role.guard.run("test.set", key, (redis) => redis.set(key, value));

  it("is degraded when the master dies, and normal, as another server, with the new one", async () => {
    const { role, logger } = connected;
    expect((await write("kept", "1")).kind).toBe("ok");
    await askRedis(master, "WAIT", "1", "1000");
    const before = role.identity();
    await master.kill();
    await eventually("degraded", () => role.health.status().mode === "degraded", 3000);
    expect((await write("refused", "1")).kind).toBe("unavailable");
    const startedAt = performance.now();
    await eventually("normal", () => isNormal(connected), 20_000);
    expect(performance.now() - startedAt).toBeLessThan(20_000);
    expect(role.identity()).toMatch(/^[0-9a-f]{40}$/);
    expect(role.identity()).not.toBe(before);
    expect((await write("after", "1")).kind).toBe("ok");
    expect(await role.guard.run("test", "kept", (redis) => redis.get("kept"))).toMatchObject({ value: "1" });
    expect(logger.messages("warn", "info")).toEqual([
      "redis state is degraded: unreachable",
      "redis state answers again",
      "redis state is back to normal",
    ]);
  });

  it("follows to the new master when the old one only hangs", async () => {
    const { role } = connected;
    const before = role.identity();
    master.freeze();
    await eventually("degraded", () => role.health.status().mode === "degraded", 9000);
    await eventually("normal", () => isNormal(connected), 30_000);
    expect(role.identity()).not.toBe(before);
    const identity = role.identity();
    master.resume();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(role.identity()).toBe(identity);
    expect((await write("after", "1")).kind).toBe("ok");
  });

  it("follows at once when somebody orders a failover", async () => {
    const { role } = connected;
    const before = role.identity();
    const [host, port] = sentinel.addresses.split(",", 1)[0]?.split(":") ?? [];
    expect(host).toBe("127.0.0.1");
    await eventually("the order is taken", () =>
      askRedis({ port: Number(port) }, "SENTINEL", "FAILOVER", sentinel.name).then(
        () => true,
        () => false,
      ),
    );
    await eventually("it is another server", () => ![undefined, before].includes(role.identity()), 20_000);
    await eventually("writes are taken", async () => (await write("after", "1")).kind === "ok", 20_000);
    await eventually("normal", () => isNormal(connected));
  });
});

sessionStoreBehaviour("a failover", () => createSetup("state"));
cacheBehaviour("a failover", () => createSetup("cache"));
busBehaviour("a failover", () => createSetup("state"));
queueBehaviour("a failover", async () => {
  const { role, config } = await connect();
  queues += 1;
  const parts = { role, keys: createKeys(config), queue: `sentinel-${queues}`, catalogue: suiteJobs };
  const producer = createJobProducer(parts);
  return {
    producer,
    createConsumer: (handlers, concurrency) => createJobConsumer({ ...parts, handlers, concurrency }),
    setAway: (away) => (away ? faults.kill() : faults.restart()),
    async close() {
      await producer.close();
      await role.close();
    },
  };
});
