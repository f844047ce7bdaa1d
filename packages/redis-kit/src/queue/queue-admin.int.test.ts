import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { z } from "zod";
import { withRedisBudget } from "../degradation/budget";
import { createKeys } from "../keys";
import type { KitMetrics } from "../metrics";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { suiteJobs } from "../testing/queue-behaviour";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";
import { createJobConsumer } from "./job-consumer";
import type { JobConsumer, JobHandlers } from "./job-consumer";
import { createJobProducer } from "./job-producer";
import type { JobProducer } from "./job-producer";
import { createJobSchedules } from "./job-schedules";
import type { JobSchedules } from "./job-schedules";
import { createQueueAdmin } from "./queue-admin";
import type { QueueAdmin } from "./queue-admin";

jest.setTimeout(30_000);

let redis: RedisServer;
let connected: TestRole;
let queues = 0;
let producer: JobProducer<typeof suiteJobs>;
let admin: QueueAdmin;
let schedules: JobSchedules<typeof suiteJobs>;
let consumer: JobConsumer;
let greeted: string[] = [];
let isBroken = false;

function createParts() {
  const { role, config } = connected;
  return { role, keys: createKeys(config), queue: `admin-${queues}`, catalogue: suiteJobs };
}

const handlers: JobHandlers<typeof suiteJobs> = {
  greet: ({ name }) => {
    if (isBroken) return Promise.reject(new Error(`can't greet ${"x".repeat(1000)}`));
    greeted.push(name);
    return Promise.resolve();
  },
  count: () => Promise.resolve(),
};

const isNormal = () => connected.role.health.status().mode === "normal";

async function overview() {
  const answer = await admin.overview();
  if (answer.kind !== "ok") throw answer.fault;
  return answer.value;
}

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
  connected = await connectTestRole(redis.url);
});

beforeEach(async () => {
  await eventually("the role is normal", isNormal);
  queues += 1;
  greeted = [];
  isBroken = false;
  producer = createJobProducer(createParts());
  admin = createQueueAdmin(createParts());
  schedules = createJobSchedules(createParts());
  consumer = createJobConsumer({ ...createParts(), handlers, concurrency: 1 });
});

afterEach(async () => {
  redis.resume();
  if (redis.pid === undefined) await redis.restart();
  await consumer.close({ timeoutMs: 100 });
  await Promise.all([producer.close(), admin.close(), schedules.close()]);
});

afterAll(async () => {
  await connected.role.close();
  await redis.stop();
});

describe("queue admin on a real server", () => {
  it("shows how many wait and for how long, with and without priority", async () => {
    expect(await overview()).toEqual({
      counts: { waiting: 0, active: 0, delayed: 0, completed: 0, failed: 0 },
      paused: false,
    });
    await producer.add("greet", { name: "Ada" }, { id: "oldest", priority: 9 });
    await new Promise((resolve) => setTimeout(resolve, 1100));
    await producer.add("greet", { name: "Grace" }, { id: "second" });
    await producer.add("greet", { name: "Linus" }, { id: "third" });
    const seen = await overview();
    expect(seen.counts.waiting).toBe(3);
    expect(seen.oldestWaitingMs).toBeGreaterThanOrEqual(1100);
    consumer.start();
    await eventually("all have run", async () => (await overview()).counts.completed === 3);
    expect(await overview()).not.toHaveProperty("oldestWaitingMs");
  });

  it("gives nobody a job while paused, keeps those added, and goes on when resumed", async () => {
    consumer.start();
    expect((await admin.pause()).kind).toBe("ok");
    await producer.add("greet", { name: "Ada" }, { id: "patient" });
    await new Promise((resolve) => setTimeout(resolve, 500));
    expect(greeted).toEqual([]);
    expect(await overview()).toMatchObject({ paused: true, counts: { waiting: 1 } });
    expect((await admin.resume()).kind).toBe("ok");
    await eventually("it has run", () => greeted.includes("Ada"));
  });

  it("lists what failed and why, without the data, and retries one or all", async () => {
    isBroken = true;
    consumer.start();
    for (const name of ["Ada", "Grace", "Linus"])
      await producer.add("greet", { name }, { id: `job-${name}` });
    await eventually("all have failed", async () => (await overview()).counts.failed === 3);
    const failed = await admin.failed({ offset: 0, limit: 2 });
    if (failed.kind !== "ok") throw failed.fault;
    expect(failed.value.map(({ id }) => id)).toEqual(["job-Linus", "job-Grace"]);
    expect(failed.value[0]).toMatchObject({ name: "greet", attempts: 1 });
    expect(failed.value[0]?.reason).toMatch(/^can't greet x{400}/);
    expect(failed.value[0]?.reason.length).toBe(500);
    expect(failed.value[0]?.failedAt?.getTime()).toBeGreaterThan(Date.now() - 20_000);
    isBroken = false;
    expect(await admin.retry("job-Ada")).toEqual({ kind: "ok", value: true });
    await eventually("it has run", () => greeted.includes("Ada"));
    expect(await admin.retry("job-Ada")).toEqual({ kind: "ok", value: false });
    expect(await admin.retry("job-nobody")).toEqual({ kind: "ok", value: false });
    expect(await admin.retryFailed()).toEqual({ kind: "ok", value: 2 });
    await eventually("all have run", () => greeted.length === 3);
    expect(await admin.retryFailed()).toEqual({ kind: "ok", value: 0 });
  });

  it("takes its own time, whatever is left of the budget of the request that asks", async () => {
    await producer.add("greet", { name: "ada" }, { id: "waiting" });
    const fresh = createQueueAdmin(createParts());
    expect(await withRedisBudget(0, () => fresh.overview())).toMatchObject({
      kind: "ok",
      value: { counts: { waiting: 1 } },
    });
    await fresh.close();
  });

  it("counts adds, jobs by how they ended, and what waits", async () => {
    const counted: string[] = [];
    const note = (name: string, labels: Readonly<Record<string, string>>) =>
      counted.push([name, ...Object.values(labels)].join(" "));
    const metrics: KitMetrics = { count: note, observe: note, set: note };
    const parts = { ...createParts(), metrics };
    const counting = createJobConsumer({ ...parts, handlers, concurrency: 1 });
    const adding = createJobProducer(parts);
    const looking = createQueueAdmin(parts);
    await adding.add("greet", { name: "Ada" }, { id: "one" });
    counting.start();
    await eventually("it has run", () => greeted.includes("Ada"));
    isBroken = true;
    await adding.add("greet", { name: "Grace" }, { id: "two" });
    // As a newer producer might; this process leaves them to newer consumers.
    const newer = createJobProducer({ ...parts, catalogue: { unheard: z.object({}) } });
    await newer.add("unheard", {}, { id: "three" });
    await eventually("the known one has failed", async () => (await overview()).counts.failed === 1);
    await looking.overview();
    const queue = `admin-${queues}`;
    expect(counted).toEqual(
      expect.arrayContaining([
        `redis_queue_adds_total ${queue} greet ok`,
        `redis_queue_jobs_total ${queue} greet completed`,
        `redis_queue_jobs_total ${queue} greet failed`,
        `redis_queue_job_duration_seconds ${queue} greet completed`,
        `redis_queue_jobs ${queue} failed`,
        `redis_queue_oldest_waiting_seconds ${queue}`,
      ]),
    );
    expect(counted).not.toContain(`redis_queue_jobs_total ${queue} unknown failed`);
    await counting.close({ timeoutMs: 100 });
    await Promise.all([adding.close(), looking.close(), newer.close()]);
  });

  it.each(["killed", "frozen"])("answers in time that Redis is away when it was %s", async (fault) => {
    await overview();
    if (fault === "killed") await redis.kill();
    else redis.freeze();
    const startedAt = performance.now();
    const answers = [
      await admin.overview(),
      await admin.failed({ offset: 0, limit: 10 }),
      await admin.pause(),
      await admin.resume(),
      await admin.retry("x"),
      await admin.retryFailed(),
      await schedules.list(),
      await schedules.remove("x"),
    ];
    expect(answers.map(({ kind }) => kind)).toEqual(answers.map(() => "unavailable"));
    // The first few wait their 2 s, then the breaker answers.
    expect(performance.now() - startedAt).toBeLessThan(12_000);
    redis.resume();
    if (redis.pid === undefined) await redis.restart();
    await eventually("it is seen again", async () => (await admin.overview()).kind === "ok");
  });
});

describe("job schedules on a real server", () => {
  const everySecond = { id: "tick", job: "greet", data: { name: "tick" }, when: { everyMs: 1000 } } as const;

  it("brings a job each time, once, however many keep the schedule", async () => {
    const others = createJobSchedules(createParts());
    schedules.keep([everySecond]);
    others.keep([everySecond]);
    consumer.start();
    await eventually("it has come three times", () => greeted.length >= 3);
    expect(await schedules.list()).toMatchObject({ value: [{ id: "tick", job: "greet", everyMs: 1000 }] });
    const before = greeted.length;
    const startedAt = performance.now();
    await new Promise((resolve) => setTimeout(resolve, 3000));
    const turns = (performance.now() - startedAt) / 1000;
    expect(greeted.length - before).toBeLessThanOrEqual(turns + 2);
    await others.close();
    expect(await schedules.remove("tick")).toEqual({ kind: "ok", value: true });
    expect(await schedules.remove("tick")).toEqual({ kind: "ok", value: false });
  });

  it("does not begin its time anew when it is kept again, and takes a change over", async () => {
    const daily = { id: "daily", job: "count", data: { to: 1 }, when: { cron: "0 3 * * *" } } as const;
    const hourly = { ...everySecond, when: { everyMs: 3_600_000 } } as const;
    await schedules.upsert(daily);
    await schedules.upsert(hourly);
    const first = await schedules.list();
    await new Promise((resolve) => setTimeout(resolve, 50));
    await schedules.upsert(daily);
    await schedules.upsert(hourly);
    expect(await schedules.list()).toEqual(first);
    await schedules.upsert({ ...hourly, when: { everyMs: 7_200_000 } });
    expect(await schedules.list()).toMatchObject({
      value: expect.arrayContaining([expect.objectContaining({ id: "tick", everyMs: 7_200_000 })]) as unknown,
    });
  });

  it("stands again after FLUSHALL and after Redis was killed", async () => {
    schedules.keep([everySecond], 200);
    consumer.start();
    await eventually("it comes", () => greeted.length > 0);
    await askServer(redis.url, (client) => client.flushall());
    greeted = [];
    await eventually("it comes again", () => greeted.length > 1);
    await redis.kill();
    await redis.restart();
    greeted = [];
    await eventually("it comes again", () => greeted.length > 1);
  });

  it("refuses what no consumer could take, before anything is sent", async () => {
    await expect(schedules.upsert({ ...everySecond, data: { name: "much too long" } })).rejects.toThrow(
      "name",
    );
    await expect(schedules.upsert({ ...everySecond, when: { everyMs: 10 } })).rejects.toThrow(RangeError);
    expect(() => {
      schedules.keep([{ ...everySecond, id: "a:b" }]);
    }).toThrow(RangeError);
  });
});

describe("liveness of a consumer on a real server", () => {
  it("is told by its questions for jobs, not by Redis' being there", async () => {
    expect(consumer.isConsuming()).toBe(false);
    consumer.start();
    await eventually("it consumes", () => consumer.isConsuming());
    await consumer.pause();
    expect(consumer.isConsuming()).toBe(false);
    consumer.resume();
    expect(consumer.isConsuming()).toBe(true);
    redis.freeze();
    await eventually("it consumes no more", () => !consumer.isConsuming(2000), 20_000);
    redis.resume();
    await eventually("it consumes again", () => consumer.isConsuming(2000), 20_000);
  });

  it("holds for one that is full, however long its job takes", async () => {
    let finish: () => void = () => undefined;
    const full = createJobConsumer({
      ...createParts(),
      handlers: { ...handlers, count: () => new Promise<void>((resolve) => (finish = resolve)) },
      concurrency: 1,
    });
    full.start();
    await producer.add("count", { to: 1 }, { id: "long" });
    await eventually("it runs", () => full.running() === 1);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(full.isConsuming(100)).toBe(true);
    finish();
    await full.close({ timeoutMs: 1000 });
    expect(full.isConsuming()).toBe(false);
  });
});
