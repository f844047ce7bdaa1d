import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { createKeys } from "../keys";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { suiteJobs } from "../testing/queue-behaviour";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";
import { createJobConsumer } from "./job-consumer";
import { createJobProducer } from "./job-producer";
import { createQueueAdmin } from "./queue-admin";
import { createQueueContents } from "./queue-contents";
import type { HeldJobs, QueueContents } from "./queue-contents";

jest.setTimeout(30_000);

let redis: RedisServer;
let connected: TestRole;
let contents: QueueContents<typeof suiteJobs>;
let queues = 0;

function parts() {
  const { role, config } = connected;
  return { role, keys: createKeys(config), queue: `contents-${queues}`, catalogue: suiteJobs };
}

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
  connected = await connectTestRole(redis.url);
});
beforeEach(() => {
  queues += 1;
  contents = createQueueContents({ ...parts(), deadlineMs: 2000 });
});
afterEach(() => contents.close());
afterAll(async () => {
  await connected.role.close();
  await redis.stop();
});

async function list(limit = 10_000): Promise<HeldJobs> {
  const answer = await contents.list(limit);
  if (answer.kind !== "ok") throw answer.fault;
  return answer.value;
}

const jobs = (count: number, priority?: number) =>
  Array.from({ length: count }, (_, index) => ({
    id: `job-${priority ?? "none"}-${index}`,
    data: { name: "Ada" },
    ...(priority === undefined ? {} : { priority }),
  }));

it("lists what waits, with and without a priority, page by page, also while the queue is paused", async () => {
  await contents.addMany("greet", jobs(1500));
  await contents.addMany("greet", jobs(1200, 5));
  const expected = [...jobs(1500), ...jobs(1200, 5)].map(({ id }) => id).sort();
  const held = await list();
  expect([...held.pending].sort()).toEqual(expected);
  expect(held).toMatchObject({ active: [], isAll: true });
  expect((await list(1500)).isAll).toBe(false);
  const admin = createQueueAdmin(parts());
  await admin.pause();
  expect([...(await list()).pending].sort()).toEqual(expected);
  await admin.close();
});

it("removes what waits, and leaves alone what a consumer has", async () => {
  let finish: () => void = () => undefined;
  const consumer = createJobConsumer({
    ...parts(),
    concurrency: 1,
    handlers: {
      greet: () => new Promise((resolve) => (finish = resolve)),
      count: () => Promise.resolve(),
    },
  });
  consumer.start();
  await contents.addMany("greet", jobs(3, 1));
  await eventually("one is taken", () => consumer.running() === 1);
  const { active, pending } = await list();
  expect([active.length, pending.length]).toEqual([1, 2]);
  expect(await contents.removeMany([...active, ...pending, "never-there"])).toEqual({ kind: "ok", value: 3 });
  expect(await list()).toEqual({ active, pending: [], isAll: true });
  finish();
  await consumer.close({ timeoutMs: 1000 });
});

it("adds under an id that was known before a flush", async () => {
  const producer = createJobProducer(parts());
  await eventually("it is added", async () => {
    return (await producer.add("greet", { name: "Ada" }, { id: "a" })).kind === "ok";
  });
  await askServer(redis.url, (client) => client.flushall());
  expect(await list()).toEqual({ active: [], pending: [], isAll: true });
  await contents.addMany("greet", [{ id: "a", data: { name: "Ada" }, priority: 2 }]);
  expect((await list()).pending).toEqual(["a"]);
  await producer.close();
});

it("answers unavailable within its deadline while Redis is frozen", async () => {
  await list();
  const impatient = createQueueContents(parts());
  redis.freeze();
  try {
    const startedAt = performance.now();
    expect((await impatient.list(10)).kind).toBe("unavailable");
    expect((await contents.removeMany(["a"])).kind).toBe("unavailable");
    expect(performance.now() - startedAt).toBeLessThan(9000);
  } finally {
    redis.resume();
    await impatient.close();
  }
});

it("refuses ids and data that can't be", async () => {
  await expect(contents.addMany("greet", [{ id: "1:2", data: { name: "Ada" } }])).rejects.toThrow(RangeError);
  await expect(contents.addMany("greet", [{ id: "a", data: { name: 1 as never } }])).rejects.toThrow();
});
