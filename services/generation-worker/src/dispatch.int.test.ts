import { generationJobs } from "@vibe-friend/contracts/jobs";
import { createGenerations, type Generations } from "@vibe-friend/database/repositories/generations";
import { createQueues } from "@vibe-friend/database/repositories/queues";
import { newGeneration, prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { createQueueContents, type QueueContents } from "@vibe-friend/redis-kit/queue/queue-contents";
import { connectTestRole, type TestRole } from "@vibe-friend/redis-kit/testing/connect-test-role";
import { askServer } from "@vibe-friend/redis-kit/testing/server-faults";
import { EngineError, type GenerationEngine } from "./domain/generation-engine";
import { createScriptedEngine, writesFile, type ScriptStep } from "./domain/testing/scripted-engine";
import { until } from "./domain/testing/until";
import { quickTimes, startTestWorker, type TestWorker, type TestWorkerOptions } from "./testing/test-worker";

jest.setTimeout(90_000);

let schema: TestSchema;
let redis: RedisServer;
let generations: Generations;
let test: TestRole;
let contents: QueueContents<typeof generationJobs>;
let userId: string;
const workers: TestWorker[] = [];

/** Nothing is found for having waited long: what is found has to be known to wait. */
const patient = { ...quickTimes, overdueMs: 600_000, reconcileMs: 600_000 };
const small = () => writesFile("src/a.ts", "export const a = 1;\n");

beforeAll(async () => {
  redis = await useTestRedis();
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
  test = await connectTestRole(redis.url);
  const parts = { role: test.role, keys: createKeys(test.config), queue: "generation" };
  contents = createQueueContents({ ...parts, catalogue: generationJobs, deadlineMs: 5000 });
}, 60_000);
afterAll(async () => {
  await contents.close();
  await test.role.close();
  await Promise.all([redis.stop(), schema.drop()]);
}, 60_000);
beforeEach(async () => {
  await schema.database.query("delete from generations");
  await schema.database.query("delete from queues");
  userId = await schema.addUser();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.stop()));
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
  await askServer(redis.url, (client) => client.flushall());
});

type Start = Partial<TestWorkerOptions> & Pick<TestWorkerOptions, "engine">;

async function start({ engine, ...options }: Start): Promise<TestWorker> {
  const worker = await startTestWorker({
    ...{ name: `w${workers.length}`, databaseUrl: schema.url, redisUrl: redis.url },
    ...options,
    engine: { ...engine, name: "builtin" },
  });
  workers.push(worker);
  return worker;
}

const scripted = (script: () => Iterable<ScriptStep>) => createScriptedEngine(script).engine;

/** Runs wait in it until they are let go. */
function createHeldEngine() {
  let letGo: () => void = () => undefined;
  const gone = new Promise<void>((resolve) => (letGo = resolve));
  const engine: GenerationEngine = {
    name: "builtin",
    async *generate(_request, signal) {
      const stopped = new Promise<void>((resolve) => {
        signal.addEventListener("abort", () => {
          resolve();
        });
      });
      await Promise.race([gone, stopped]);
      signal.throwIfAborted();
      for (const step of small()) if (typeof step === "object" && "type" in step) yield step;
    },
  };
  return {
    engine,
    letGo: () => {
      letGo();
    },
  };
}

async function submit(count: number): Promise<string[]> {
  const ids: string[] = [];
  for (let i = 0; i < count; i += 1) {
    ids.push((await generations.submit(newGeneration(userId))).generation.id);
  }
  await until(async () => {
    const jobs = ids.map((id) => ({ id: `${id}-1`, data: { generationId: id }, priority: 5 }));
    return (await contents.addMany("generate", jobs)).kind === "ok";
  });
  return ids;
}

async function pending(): Promise<readonly string[]> {
  const held = await contents.list(10_000);
  if (held.kind !== "ok") throw held.fault;
  return held.value.pending;
}

async function count(status: string): Promise<number> {
  const rows = await schema.database.query("select 1 from generations where status = $1", [status]);
  return rows.length;
}

it("runs all of 50 queued and 10 running when Redis has forgotten everything, each once", async () => {
  const held = createHeldEngine();
  for (let i = 0; i < 2; i += 1) await start({ engine: held.engine, concurrency: 5 });
  const ids = await submit(60);
  await until(async () => (await count("running")) === 10, 15_000);
  const countAdded = () => workers.reduce((sum, { reconciled }) => sum + reconciled.added, 0);
  const addedBefore = countAdded();
  await askServer(redis.url, (client) => client.flushall());
  const flushedAt = Date.now();
  // No slot is free: only comparing brings them back.
  await until(async () => (await pending()).length >= 50, 45_000);
  // One worker at a time, and none adds what another has added.
  expect(countAdded() - addedBefore).toBeLessThanOrEqual(60);
  held.letGo();
  await until(async () => (await count("completed")) === 60, 45_000 - (Date.now() - flushedAt));
  for (const id of ids) {
    const events = await generations.events(id, 0, 100);
    expect(events.filter(({ type }) => type === "started")).toHaveLength(1);
  }
});

it("drops jobs of rows that have ended meanwhile", async () => {
  const held = createHeldEngine();
  await start({ engine: held.engine, concurrency: 1 });
  const ids = await submit(4);
  await until(async () => (await count("running")) === 1);
  const queued = await schema.database.query<{ id: string }>(
    "select id from generations where status = 'queued'",
  );
  for (const { id } of queued) await generations.cancel(userId, id);
  await until(async () => (await pending()).length === 0, 15_000);
  held.letGo();
  await until(async () => (await count("completed")) === 1);
  expect(await count("cancelled")).toBe(ids.length - 1);
});

it("never runs more of one person than allowed over all workers, and goes on as each run ends", async () => {
  const engine = scripted(() => [...small(), 30]);
  const limited = { engine, concurrency: 5, maxRunningPerUser: 2, times: patient };
  await Promise.all([start({ ...limited, name: "a" }), start({ ...limited, name: "b" })]);
  await submit(20);
  let most = 0;
  await until(async () => {
    most = Math.max(most, await count("running"));
    return (await count("completed")) === 20;
  }, 60_000);
  expect(most).toBeLessThanOrEqual(2);
});

it("begins nothing while the queue is paused, and goes on soon after", async () => {
  const queues = createQueues(schema.database);
  const worker = await start({ engine: scripted(small), times: patient });
  await queues.setPaused("generation", true, { userId });
  const ids = await submit(3);
  const deferred = async () =>
    (await schema.database.query("select 1 from generations where deferred")).length === ids.length;
  await until(deferred, 15_000);
  expect(worker.claims).toEqual([]);
  await queues.setPaused("generation", false, { userId });
  await until(async () => (await count("completed")) === 3, 5000);
});

it("begins another try when its time has come, without having been told", async () => {
  let tries = 0;
  const engine = scripted(() => {
    tries += 1;
    const busy = new EngineError("model_rate_limited", "Busy.", { retryable: true, retryAfterMs: 700 });
    return tries === 1 ? [busy] : small();
  });
  await start({ engine, times: patient });
  const [id = ""] = await submit(1);
  let runAfter = 0;
  await until(async () => {
    const [row] = await schema.database.query<{ at: Date | null }>(
      "select run_after as at from generations where id = $1",
      [id],
    );
    runAfter = row?.at?.getTime() ?? 0;
    return runAfter > 0;
  }, 10_000);
  await until(async () => (await count("completed")) === 1, 20_000);
  const events = await generations.events(id, 0, 100);
  const startedAt = events.filter(({ type }) => type === "started").map(({ at }) => Date.parse(at))[1] ?? 0;
  expect(startedAt).toBeGreaterThanOrEqual(runAfter);
  expect(startedAt - runAfter).toBeLessThan(3000);
  expect(await generations.find(userId, id)).toMatchObject({ attempt: 1 });
});
