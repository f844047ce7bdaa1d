import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";

jest.setTimeout(30_000);

let redis: RedisServer;
let connected: TestRole;

async function connect(role?: "cache", env: Readonly<Record<string, string>> = {}): Promise<void> {
  connected = await connectTestRole(redis.url, env, role);
}

function configure(setting: string, value: string) {
  return askServer(redis.url, (client) => client.config("SET", setting, value));
}

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
});
afterEach(async () => {
  redis.resume();
  await connected.role.close();
});
afterAll(() => redis.stop());

it("notices within 3 s that Redis is frozen, though nobody asks it anything", async () => {
  await connect();
  redis.freeze();
  await eventually("degraded", () => connected.role.health.status().mode === "degraded", 9000);
  expect(connected.role.health.status().reason).toBe("timeout");
  expect(connected.role.warnings()).toEqual([]);
});

// On a machine that is busy with other tests Redis itself may get no turn for longer than its deadline.
jest.retryTimes(2);

it("does not blame Redis when this process stands still for longer than any deadline", async () => {
  await connect();
  const { role } = connected;
  const changes: string[] = [];
  role.health.onChange(({ mode }) => changes.push(mode));
  for (let turn = 0; turn < 4; turn += 1) {
    const answers = Promise.all(
      Array.from({ length: 8 }, () => role.guard.run("test", "a", (client) => client.get("a"))),
    );
    // What was asked has left, and the answers come while nobody reads them.
    await new Promise((resolve) => {
      process.nextTick(resolve);
    });
    const until = performance.now() + 700;
    while (performance.now() < until) {
      // The process is busy with something else.
    }
    expect((await answers).every(({ kind }) => kind === "ok")).toBe(true);
  }
  expect(changes).toEqual([]);
});

it("warns once while the state role's server writes nothing to disk, and stops when it does", async () => {
  await configure("appendonly", "no");
  await connect();
  const warning = expect.stringMatching(/^nothing is written to disk/) as string;
  expect(connected.role.health.status().mode).toBe("normal");
  expect(connected.role.warnings()).toEqual([warning]);
  await new Promise((resolve) => setTimeout(resolve, 6500));
  expect(connected.logger.messages("warn")).toHaveLength(1);
  await configure("appendonly", "yes");
  await eventually("no warning", () => connected.role.warnings().length === 0, 18_000);
});

it("warns while an evicting server is allowed, and of nothing in the cache role", async () => {
  await configure("maxmemory-policy", "allkeys-lru");
  await connect(undefined, { REDIS_ALLOW_EVICTION: "true" });
  expect(connected.role.warnings()).toEqual([expect.stringMatching(/^maxmemory-policy is allkeys-lru/)]);
  await connected.role.close();
  await connect("cache");
  expect(connected.role.warnings()).toEqual([]);
  await configure("maxmemory-policy", "noeviction");
});

it("goes on reading from a replica, though writes are refused all the time", async () => {
  await connect();
  const { role } = connected;
  await role.commands.set("a", "1");
  await askServer(redis.url, (client) => client.replicaof("127.0.0.1", 1));
  try {
    let [turns, reads] = [0, 0];
    // Were the reads refused with the writes, a probe every few hundred milliseconds would be all there is.
    for (; reads < 100 && turns < 1000; turns += 1) {
      const written = await role.guard.run("test", "a", (client) => client.set("a", "2"));
      expect(written.kind).toBe("unavailable");
      if ((await role.guard.run("test", "a", (client) => client.get("a"))).kind === "ok") reads += 1;
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    expect({ reads, most: reads / turns > 0.5 }).toEqual({ reads: 100, most: true });
    expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "read-only" });
  } finally {
    await askServer(redis.url, (client) => client.replicaof("NO", "ONE"));
  }
});
