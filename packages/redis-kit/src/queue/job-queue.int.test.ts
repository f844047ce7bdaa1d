import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { connectTestRole } from "../testing/connect-test-role";
import { queueBehaviour, suiteJobs } from "../testing/queue-behaviour";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";
import { closeWithCopies } from "../connection/role-clients";
import type { RedisClient } from "../connection/redis-role";
import { defineJobs } from "./job-catalogue";
import { createJobConsumer } from "./job-consumer";
import type { JobHandlers } from "./job-consumer";
import { createJobProducer } from "./job-producer";

jest.setTimeout(60_000);

let redis: RedisServer;
let queues = 0;

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
});

afterAll(() => redis.stop());

async function createQueue() {
  queues += 1;
  const queue = `suite-${queues}`;
  const { role, config } = await connectTestRole(redis.url);
  const keys = createKeys(config);
  const producer = createJobProducer({ role, keys, queue, catalogue: suiteJobs });
  return {
    role,
    producer,
    createConsumer: (handlers: JobHandlers<typeof suiteJobs>, concurrency: number) =>
      createJobConsumer({ role, keys, queue, catalogue: suiteJobs, handlers, concurrency }),
    async close() {
      await producer.close();
      await role.close();
    },
  };
}

queueBehaviour("a real server", async () => ({
  ...(await createQueue()),
  async setAway(away) {
    if (away) await redis.kill();
    else await redis.restart();
  },
}));

describe("queue on a real server under its faults", () => {
  let queue: Awaited<ReturnType<typeof createQueue>>;
  const seen: string[] = [];
  const handlers: JobHandlers<typeof suiteJobs> = {
    greet: ({ name }) => {
      seen.push(name);
      return Promise.resolve();
    },
    count: () => Promise.resolve(),
  };

  async function add(name: string) {
    return (await queue.producer.add("greet", { name }, { id: `${name}-${queues}` })).kind === "ok";
  }

  beforeEach(() => {
    seen.length = 0;
  });
  afterEach(async () => {
    redis.resume();
    if (redis.pid === undefined) await redis.restart();
    await queue.close();
  });

  it("adds and takes when Redis comes only after both were made", async () => {
    await redis.kill();
    queue = await createQueue();
    const consumer = queue.createConsumer(handlers, 1);
    consumer.start();
    expect(await add("early")).toBe(false);
    expect(consumer.lastActivityAt()).toBeUndefined();
    await redis.restart();
    await eventually("adding works", () => add("late"), 6000);
    await eventually("it has run", () => seen.includes("late"), 3000);
    await consumer.close({ timeoutMs: 100 });
  });

  it("answers adds within the deadline while Redis is frozen, and takes up again afterwards", async () => {
    queue = await createQueue();
    const consumer = queue.createConsumer(handlers, 1);
    consumer.start();
    await eventually("it works", () => add("first"));
    await eventually("it has run", () => seen.includes("first"));
    redis.freeze();
    for (let attempt = 0; attempt < 10; attempt += 1) {
      const startedAt = performance.now();
      expect(await add(`frozen${attempt}`)).toBe(false);
      expect(performance.now() - startedAt).toBeLessThan(800);
    }
    await new Promise((resolve) => setTimeout(resolve, 1500));
    redis.resume();
    await eventually("adding works", () => add("thawed"), 5000);
    await eventually("it has run", () => seen.includes("thawed"), 5000);
    await consumer.close({ timeoutMs: 100 });
  });

  it("goes on after FLUSHALL with what is added next", async () => {
    queue = await createQueue();
    const consumer = queue.createConsumer(handlers, 1);
    consumer.start();
    await eventually("it works", () => add("first"));
    await eventually("it has run", () => seen.includes("first"));
    await askServer(redis.url, (client) => client.flushall());
    expect(await add("second")).toBe(true);
    await eventually("it has run", () => seen.includes("second"));
    await consumer.close({ timeoutMs: 100 });
  });

  it("closes within its time while Redis is frozen", async () => {
    queue = await createQueue();
    const consumer = queue.createConsumer(handlers, 1);
    consumer.start();
    await eventually("it works", () => add("first"));
    await eventually("it has run", () => seen.includes("first"));
    redis.freeze();
    const startedAt = performance.now();
    await consumer.close({ timeoutMs: 500 });
    await queue.close();
    expect(performance.now() - startedAt).toBeLessThan(4000);
  });

  it("leaves a job that it doesn't know to a process that does", async () => {
    queue = await createQueue();
    const older = createJobConsumer({
      role: queue.role,
      keys: createKeys(parseRedisConfig({})),
      queue: `suite-${queues}`,
      catalogue: defineJobs({ count: suiteJobs.count }),
      handlers: { count: () => Promise.resolve() },
      concurrency: 1,
    });
    older.start();
    await eventually("it works", () => add("new"));
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await queue.producer.counts()).toMatchObject({ value: { failed: 0, completed: 0 } });
    const newer = queue.createConsumer(handlers, 1);
    newer.start();
    // Either of them may be the one that gets it next, time and again.
    await eventually("it has run", () => seen.includes("new"), 45_000);
    await Promise.all([older.close({ timeoutMs: 100 }), newer.close({ timeoutMs: 100 })]);
  });

  it("gets a new worker when the old one asks for no jobs though Redis is well", async () => {
    queue = await createQueue();
    const clients: RedisClient[] = [];
    const { role } = queue;
    const consumer = createJobConsumer({
      role: {
        ...role,
        createBlockingClient() {
          const client = role.createBlockingClient();
          clients.push(client);
          return client;
        },
      },
      keys: createKeys(parseRedisConfig({})),
      queue: `suite-${queues}`,
      catalogue: suiteJobs,
      handlers,
      concurrency: 1,
    });
    consumer.start();
    await eventually("it works", () => add("first"));
    await eventually("it has run", () => seen.includes("first"));
    // An idle one that is well asks every 5 s and is left alone.
    await new Promise((resolve) => setTimeout(resolve, 11_000));
    expect(consumer.isConsuming(10_000)).toBe(true);
    expect(clients).toHaveLength(1);
    for (const client of clients) closeWithCopies(client);
    const inMinuteMs = Date.now() + 60_000 - performance.now();
    jest.spyOn(Date, "now").mockImplementation(() => Math.round(inMinuteMs + performance.now()));
    expect(await add("second")).toBe(true);
    await eventually("a new worker has run it", () => seen.includes("second"));
    expect(clients).toHaveLength(2);
    jest.restoreAllMocks();
    await consumer.close({ timeoutMs: 100 });
  }, 60_000);

  it("gives the job of a silent worker to another one", async () => {
    queue = await createQueue();
    const { role } = queue;
    const keys = createKeys(parseRedisConfig({}));
    const options = {
      role,
      keys,
      queue: "stalled",
      catalogue: suiteJobs,
      concurrency: 1,
      lockDurationMs: 1000,
    };
    const attempts: number[] = [];
    const silent = createJobConsumer({
      ...options,
      handlers: { ...handlers, count: () => new Promise<void>(() => attempts.push(1)) },
    });
    silent.start();
    const producer = createJobProducer({ role, keys, queue: "stalled", catalogue: suiteJobs });
    await producer.add("count", { to: 1 }, { id: "stuck" });
    await eventually("it has begun", () => attempts.length === 1);
    await silent.close({ timeoutMs: 0 });
    const heir = createJobConsumer({
      ...options,
      handlers: {
        ...handlers,
        count: () => {
          attempts.push(2);
          return Promise.resolve();
        },
      },
    });
    heir.start();
    await eventually("another one has it", () => attempts.includes(2), 6000);
    await heir.close({ timeoutMs: 100 });
    await producer.close();
  });
});
