import type { QueueList, QueueView } from "@vibe-friend/contracts/queue-admin";
import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { createGenerationClaims } from "@vibe-friend/database/repositories/generation-claims";
import { createUserChanges } from "@vibe-friend/database/repositories/user-changes";
import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { setTimeout as sleep } from "node:timers/promises";
import { startGateway } from "./testing/start-gateway";

jest.setTimeout(60_000);

const queuesPath = "/api/v1/admin/queues";
const generations = "/api/v1/generations";
let schema: TestSchema;
let redis: Awaited<ReturnType<typeof useTestRedis>>;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let admin: Awaited<ReturnType<typeof gateway.signIn>>;

beforeAll(async () => {
  const [postgres, own] = await Promise.all([useTestPostgres(), useTestRedis()]);
  redis = own;
  schema = await prepareTestSchema(postgres);
  gateway = await startGateway({
    ...{ databaseUrl: schema.url, redisUrl: redis.url, maxOpen: 200 },
    overload: { maxQueued: 60 },
  });
  const userId = await schema.addUser();
  await createUserChanges(schema.database).assignRoles(userId, ["admin", "user"]);
  admin = await gateway.signIn(userId);
});
afterAll(async () => {
  await gateway.stop();
  await schema.drop();
  await redis.stop();
});
beforeEach(async () => {
  await schema.database.query("delete from generations");
});

async function look(): Promise<QueueView> {
  const { items } = (await admin.get(queuesPath)).body as QueueList;
  return items[0]!;
}

async function failSome(count: number): Promise<void> {
  const claims = createGenerationClaims(schema.database, { workerId: "w", leaseMs: 6000, maxAttempts: 3 });
  for (let i = 0; i < count; i += 1) {
    await admin.post(generations, { prompt: "a library" });
    const claimed = await claims.claimNext();
    await claims.fail(claimed!, { problem: { code: "x", title: "X" }, events: [] });
  }
}

/** The first question connects; until then Redis counts as not to be asked. */
async function lookUntil(condition: (view: QueueView) => boolean): Promise<QueueView> {
  for (;;) {
    const view = await look();
    if (condition(view)) return view;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

it("shows what Redis holds with the very first look", async () => {
  const fresh = await startGateway({ databaseUrl: schema.url, redisUrl: redis.url });
  try {
    const person = await fresh.signIn(admin.userId);
    const { items } = (await person.get(queuesPath)).body as QueueList;
    expect(items.map(({ deliveries }) => deliveries)).not.toContain(null);
  } finally {
    await fresh.stop();
  }
});

it("shows both sides of a queue, pauses and resumes both, and keeps who did it", async () => {
  await admin.post(generations, { prompt: "a library" });
  await gateway.handOver.settled();
  const view = await lookUntil(({ deliveries }) => deliveries?.waiting === 1);
  expect(view).toMatchObject({ name: "generation", pausedAt: null, counts: { queued: 1 } });
  const paused = (await admin.post(`${queuesPath}/generation/pause`)).body as QueueView;
  expect(paused).toMatchObject({ pausedAt: expect.any(String) as string, deliveries: { paused: true } });
  const resumed = (await admin.post(`${queuesPath}/generation/resume`)).body as QueueView;
  expect(resumed).toMatchObject({ pausedAt: null, deliveries: { paused: false } });
  const { items } = await createAuditLog(schema.database).list({ limit: 2 });
  expect(items).toMatchObject([
    { action: "queue.resumed", target: "generation", userId: admin.userId },
    { action: "queue.paused", target: "generation", userId: admin.userId },
  ]);
});

it("runs what failed again, and hands it over", async () => {
  await failSome(3);
  expect(await look()).toMatchObject({ counts: { failed: 3 }, failed: [{ userId: admin.userId }, {}, {}] });
  const before = await gateway.stores.queue.counts();
  const answer = await admin.post(`${queuesPath}/generation/retry-failed`);
  expect(answer.body).toEqual({ retried: 3, left: 0 });
  await gateway.handOver.settled();
  const after = await gateway.stores.queue.counts();
  if (before.kind !== "ok" || after.kind !== "ok") throw new Error("Redis is away");
  expect(after.value.waiting - before.value.waiting).toBe(3);
  expect(await look()).toMatchObject({ counts: { queued: 3, failed: 0 } });
});

it("answers by the rows alone while Redis is away, without waiting long", async () => {
  await redis.kill();
  try {
    const startedAt = performance.now();
    expect(await look()).toMatchObject({ pausedAt: null, deliveries: null });
    const paused = await admin.post(`${queuesPath}/archive/pause`);
    expect(paused.body).toMatchObject({ pausedAt: expect.any(String) as string, deliveries: null });
    expect((await admin.post(`${queuesPath}/archive/resume`)).body).toMatchObject({ pausedAt: null });
    await failSome(1);
    const retried = await admin.post(`${queuesPath}/generation/retry-failed`);
    expect(retried.body).toMatchObject({ retried: 1 });
    // Three questions with a second or so each at most; asserted at three times that.
    expect(performance.now() - startedAt).toBeLessThan(12_000);
  } finally {
    await redis.restart();
  }
});

it("answers others while one person submits a hundred at once, and refuses what is beyond the queue's room", async () => {
  const eve = await gateway.signIn(await schema.addUser());
  const flood = Promise.all(
    Array.from({ length: 100 }, () =>
      eve.post(generations, { prompt: "a library" }).then(({ status }) => status),
    ),
  );
  const others = await Promise.all(Array.from({ length: 10 }, () => admin.get(generations)));
  expect(others.map(({ status }) => status)).toEqual(Array(10).fill(200));
  const statuses = await flood;
  const [row] = await schema.database.query<{ count: number }>(
    "select count(*)::int as count from generations",
  );
  expect(statuses.filter((status) => status === 202)).toHaveLength(row?.count ?? 0);
  expect(new Set(statuses)).toEqual(new Set([202, 503]));
  expect(row?.count).toBeGreaterThanOrEqual(60);
  // What one gateway stores between two counts may be over it.
  expect(row?.count).toBeLessThanOrEqual(68);
});

it("makes one generation of a hundred requests with one key", async () => {
  const eve = await gateway.signIn(await schema.addUser());
  // The gateway remembers for a moment how many were waiting before.
  const earlier = await gateway.signIn(await schema.addUser());
  while ((await earlier.post(generations, { prompt: "a library" })).status !== 202) await sleep(100);
  const answers = await Promise.all(
    Array.from({ length: 50 }, () =>
      eve.post(generations, { prompt: "a library" }).set("Idempotency-Key", "k"),
    ),
  );
  expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([202]));
  const rows = await schema.database.query("select 1 from generations where user_id = $1", [eve.userId]);
  expect(rows).toHaveLength(1);
});
