import { CANCELLED_TOPIC, QUEUED_TOPIC } from "@vibe-friend/contracts/bus-messages";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import { generationJobs } from "@vibe-friend/contracts/jobs";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createGenerations, type Generations } from "@vibe-friend/database/repositories/generations";
import {
  newGeneration,
  prepareTestSchema,
  readText,
  type TestSchema,
} from "@vibe-friend/database/testing/test-schema";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { createBus, type Bus } from "@vibe-friend/redis-kit/bus/bus";
import type { BusTransport } from "@vibe-friend/redis-kit/bus/bus-transport";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { createJobProducer, type JobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import { connectTestRole, type TestRole } from "@vibe-friend/redis-kit/testing/connect-test-role";
import {
  generationNewsSchema,
  generationTopic,
  inboxNewsSchema,
  inboxTopic,
} from "@vibe-friend/contracts/bus-messages";
import type { EngineRequest } from "./domain/generation-engine";
import { createScriptedEngine, writesFile, type ScriptStep } from "./domain/testing/scripted-engine";
import { silentLogger as logger } from "./domain/testing/silent-logger";
import { until } from "./domain/testing/until";
import { startTestWorker, type TestWorker } from "./testing/test-worker";

let schema: TestSchema;
let redis: RedisServer;
let generations: Generations;
let outside: {
  test: TestRole;
  bus: Bus;
  fallback: BusTransport;
  producer: JobProducer<typeof generationJobs>;
};
let userId: string;
const workers: TestWorker[] = [];

beforeAll(async () => {
  redis = await useTestRedis();
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
  const test = await connectTestRole(redis.url);
  const keys = createKeys(test.config);
  const fallback = createNotifyTransport({ directUrl: schema.url, logger });
  const { role } = test;
  const bus = createBus({ role, keys, fallback, logger });
  const producer = createJobProducer({ role, keys, queue: "generation", catalogue: generationJobs });
  outside = { test, bus, fallback, producer };
}, 30_000);

afterAll(async () => {
  await outside.producer.close();
  await outside.bus.close();
  await outside.fallback.close();
  await outside.test.role.close();
  await Promise.all([redis.stop(), schema.drop()]);
}, 30_000);

beforeEach(async () => {
  await schema.database.query("delete from generations");
  userId = await schema.addUser();
});

afterEach(async () => {
  for (const worker of workers) worker.thaw();
  await Promise.all(workers.map((worker) => worker.stop()));
  await Promise.all(workers.splice(0).map((worker) => worker.close()));
});

async function start(
  name: string,
  script: (request: EngineRequest) => Iterable<ScriptStep>,
  redisUrl = redis.url,
): Promise<TestWorker> {
  const { engine } = createScriptedEngine(script);
  // Rows only know the product's engines.
  const builtin = { ...engine, name: "builtin" };
  const worker = await startTestWorker({ name, databaseUrl: schema.url, redisUrl, engine: builtin });
  workers.push(worker);
  return worker;
}

async function submit(): Promise<string> {
  return (await generations.submit(newGeneration(userId))).generation.id;
}

async function submitToQueue(): Promise<string> {
  const id = await submit();
  await outside.producer.add("generate", { generationId: id }, { id });
  return id;
}

async function readLog(id: string): Promise<GenerationEvent[]> {
  const events = await generations.events(id, 0, 10_000);
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, index) => index + 1));
  return events;
}

const types = async (id: string) => (await readLog(id)).map(({ type }) => type);
const readFile = async (id: string, path: string) =>
  readText((await generations.openFile(userId, id, path)).content);
const find = (id: string) => generations.find(userId, id);
const isEnded = (id: string, status: string) => async () => (await find(id))?.status === status;
const small = () => writesFile("src/a.ts", "export const a = 1;\n");
/** Slow enough to be met in the middle. */
const slow = (): ScriptStep[] => [...small(), 600, ...writesFile("src/b.ts", "b"), 600];

describe("worker on real servers", () => {
  it("runs what the queue delivers and tells the bus after each commit", async () => {
    await start("a", () => [{ type: "progress", percent: 40, stage: "Writing" }, 50, ...small()]);
    const id = await submit();
    const heard: number[] = [];
    const stop = await outside.bus.subscribe(generationTopic(id), generationNewsSchema, (news) => {
      heard.push(...(news.events ?? []).map(({ seq }) => seq));
    });
    await outside.producer.add("generate", { generationId: id }, { id });
    await until(isEnded(id, "completed"));
    expect(await types(id)).toEqual([
      "queued",
      "started",
      "progress",
      "file:opened",
      "file:delta",
      "file:completed",
      "completed",
    ]);
    expect(await readFile(id, "src/a.ts")).toBe("export const a = 1;\n");
    await until(() => heard.length === 6);
    expect(heard).toEqual([2, 3, 4, 5, 6, 7]);
    stop();
  });

  it("shares twenty generations among two workers, each run once", async () => {
    const a = await start("a", small);
    const b = await start("b", small);
    const ids = await Promise.all(Array.from({ length: 20 }, submitToQueue));
    for (const id of ids) await until(isEnded(id, "completed"));
    expect([...a.claims, ...b.claims]).toHaveLength(20);
    expect([...a.outcomes, ...b.outcomes]).toEqual(Array.from({ length: 20 }, () => "completed"));
  });

  it("claims rows by itself without Redis, at once when it hears of them", async () => {
    await start("a", small, "none");
    const id = await submit();
    const startedAt = Date.now();
    await outside.fallback.publish(QUEUED_TOPIC, { generationId: id });
    await until(isEnded(id, "completed"), 2000);
    expect(Date.now() - startedAt).toBeLessThan(2000);
  });

  it("runs what the queue has forgotten", async () => {
    const worker = await start("a", small);
    const id = await submit();
    await until(isEnded(id, "completed"), 5000);
    // From the rows, or from the queue when the comparison of both came first.
    expect(worker.claims).toHaveLength(1);
  });

  it("stops a cancelled run at once", async () => {
    const worker = await start("a", () => [...small(), "hang"]);
    const id = await submitToQueue();
    await until(async () => (await types(id)).includes("file:completed"));
    await generations.cancel(userId, id);
    await outside.bus.publish(CANCELLED_TOPIC, { generationId: id });
    await until(() => worker.outcomes.length === 1, 350);
    expect((await types(id)).at(-1)).toBe("cancelled");
  });

  it.each([
    ["in the middle", slow],
    ["before its last step", () => [...small(), 600]],
  ])(
    "gives the generation of a worker frozen %s to another, and lets the late one change nothing",
    async (_, script) => {
      const late = await start("late", script);
      const id = await submitToQueue();
      await until(async () => (await types(id)).includes("file:completed"));
      late.freeze();
      const heir = await start("heir", () => [...writesFile("src/heir.ts", "mine"), 2000]);
      await until(async () => (await find(id))?.attempt === 2, 8000);
      // It wakes up in the middle of the heir's run, and writes before it looks at its lease.
      late.thaw("all but heartbeats");
      await until(() => late.outcomes.length === 1);
      expect(late.outcomes).toEqual(["fenced"]);
      expect(late.counts.fenced).toBe(1);
      await until(isEnded(id, "completed"));
      expect(heir.outcomes).toEqual(["completed"]);
      const log = await readLog(id);
      expect(log.filter(({ type }) => type === "started")).toMatchObject([{ attempt: 1 }, { attempt: 2 }]);
      expect(log.filter(({ type }) => type === "file:opened")).toMatchObject([
        { path: "src/a.ts" },
        { path: "src/heir.ts" },
      ]);
      const files = (await generations.listFiles(userId, id)).map(({ path }) => path);
      expect(files).toEqual(["src/a.ts", "src/heir.ts"]);
      expect(await find(id)).toMatchObject({ attempt: 2, filesCount: 2 });
    },
    15_000,
  );

  it("goes on after the files that a killed worker completed, to the result it would have had", async () => {
    const all = ["src/a.ts", "src/b.ts", "src/c.ts"].map((path) => ({
      path,
      text: `// ${path}\n`.repeat(500),
    }));
    const given: (readonly string[])[] = [];
    const script =
      (pauseMs: number) =>
      ({ completedFiles = [] }: EngineRequest) => {
        const done = completedFiles.map(({ path }) => path);
        given.push(done);
        return all
          .filter(({ path }) => !done.includes(path))
          .flatMap(({ path, text }): ScriptStep[] => [
            { type: "file:opened", path, op: "write" },
            { type: "file:delta", path, text },
            pauseMs,
            { type: "file:completed", path },
          ]);
      };
    const victim = await start("victim", script(150));
    const id = await submitToQueue();
    await until(async () => (await readLog(id)).filter(({ type }) => type === "file:completed").length === 2);
    victim.freeze();
    await start("heir", script(0));
    await until(isEnded(id, "completed"), 8000);
    const log = await readLog(id);
    const opened = log.flatMap((event) => (event.type === "file:opened" ? [event.path] : []));
    expect(given).toEqual([[], ["src/a.ts", "src/b.ts"]]);
    expect(opened.filter((path) => path !== "src/c.ts")).toEqual(["src/a.ts", "src/b.ts"]);
    expect(log.at(-1)).toMatchObject({ type: "completed", files: 3 });
    for (const { path, text } of all) {
      expect(await readFile(id, path)).toBe(text);
    }
  }, 15_000);

  it("tells the owner's inbox of each end once, and the bus of it", async () => {
    const heard: number[] = [];
    const stop = await outside.bus.subscribe(inboxTopic(userId), inboxNewsSchema, ({ lastSeq }) => {
      heard.push(lastSeq);
    });
    await start("a", () => small());
    const ids = [await submitToQueue(), await submitToQueue()];
    for (const id of ids) await until(isEnded(id, "completed"));
    await until(() => heard.includes(2));
    const told = await schema.database.query(
      "select seq, kind, generation_id from notifications where user_id = $1 order by seq",
      [userId],
    );
    expect(told).toHaveLength(2);
    expect(told).toMatchObject([1, 2].map((seq) => ({ seq, kind: "completed" })));
    stop();
  });

  it("keeps completed files and the open one's text, marked, when it is cancelled", async () => {
    await start("a", () => [...small(), ...writesFile("src/b.ts", "half").slice(0, 2), "hang"]);
    const id = await submitToQueue();
    await until(async () => (await types(id)).filter((type) => type === "file:delta").length === 2);
    await generations.cancel(userId, id);
    expect(await generations.listFiles(userId, id)).toMatchObject([
      { path: "src/a.ts", partial: false },
      { path: "src/b.ts", partial: true, bytes: 4 },
    ]);
    expect(await readFile(id, "src/b.ts")).toBe("half");
  });

  it("gives up what kills every worker, after three, and goes on with the rest", async () => {
    const id = await submit();
    for (const attempt of [1, 2, 3]) {
      const victim = await start(`victim ${attempt}`, () => ["hang"]);
      await until(async () => (await find(id))?.attempt === attempt, 4000);
      // What a dead process does: nothing more.
      victim.freeze();
      await schema.database.query(
        "update generations set lease_expires_at = now() - interval '1 s' where id = $1",
        [id],
      );
    }
    const survivor = await start("survivor", small);
    await until(isEnded(id, "failed"), 4000);
    expect(await find(id)).toMatchObject({ attempt: 3, error: { code: "worker_lost" } });
    const next = await submitToQueue();
    await until(isEnded(next, "completed"));
    expect(survivor.outcomes).toEqual(["completed"]);
  }, 15_000);

  it("hands back at once when it stops, which costs no attempt", async () => {
    const leaving = await start("leaving", () => [...small(), "hang"]);
    const id = await submitToQueue();
    await until(async () => (await types(id)).includes("file:completed"));
    const heir = await start("heir", small);
    const stoppedAt = Date.now();
    await leaving.stop();
    expect(Date.now() - stoppedAt).toBeLessThan(2500);
    expect(leaving.outcomes).toEqual(["handed-back"]);
    await until(isEnded(id, "completed"), 1500);
    expect(heir.claims).toEqual(["rows"]);
    expect(await find(id)).toMatchObject({ attempt: 1 });
  });

  it("fails an engine that isn't set up, with the way out", async () => {
    await start("a", small);
    const { generation } = await generations.submit(newGeneration(userId, { engine: "llm" }));
    await outside.producer.add("generate", { generationId: generation.id }, { id: generation.id });
    await until(isEnded(generation.id, "failed"));
    expect((await find(generation.id))?.error).toMatchObject({ code: "engine_not_configured" });
  });

  it("goes on through the death and return of Redis, and takes from the queue again", async () => {
    const worker = await start("a", slow);
    const first = await submitToQueue();
    await until(async () => (await types(first)).includes("file:completed"));
    await redis.kill();
    const second = await submit();
    await outside.fallback.publish(QUEUED_TOPIC, { generationId: second });
    await until(isEnded(first, "completed"));
    await until(isEnded(second, "completed"));
    expect(worker.findStall()).toBeUndefined();
    await redis.restart();
    await until(() => worker.role.health.status().mode === "normal", 8000);
    await until(() => outside.test.role.health.status().mode === "normal", 8000);
    const third = await submitToQueue();
    await until(isEnded(third, "completed"));
    expect(worker.outcomes).toEqual(["completed", "completed", "completed"]);
    expect(worker.findStall()).toBeUndefined();
  }, 25_000);
});
