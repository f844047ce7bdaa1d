import type { Access } from "@vibe-friend/contracts/cached-values";
import { keptValue } from "@vibe-friend/contracts/read-models";
import { createUserChanges, type UserChange } from "@vibe-friend/database/repositories/user-changes";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { startPostgres, type PostgresServer } from "@vibe-friend/local-stack/postgres-server";
import { useTestRedis } from "@vibe-friend/local-stack/test-servers";
import request from "supertest";
import { startGateway } from "./testing/start-gateway";

jest.setTimeout(30_000);

const settingsPath = "/api/v1/admin/settings";
let schema: TestSchema;
let redis: Awaited<ReturnType<typeof useTestRedis>>;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let postgres: PostgresServer;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), useTestRedis()]);
  schema = await prepareTestSchema({ url: postgres.url, drop: () => Promise.resolve() });
  gateway = await startGateway({ databaseUrl: schema.url, redisUrl: redis.url });
});

afterAll(async () => {
  await gateway.stop();
  await schema.drop();
  await Promise.all([redis.stop(), postgres.stop()]);
});

/** As the auth service does it: committed with its journal's row, then Redis is told. */
async function tell(change: Promise<UserChange>): Promise<void> {
  const { tags, journalId } = (await change).invalidated;
  await gateway.stores.cache.invalidate({ tags }, { journalId });
}
const people = () => createUserChanges(schema.database);

async function signInAs(role: "admin" | "user") {
  const userId = await schema.addUser();
  if (role === "admin") await tell(people().assignRoles(userId, ["admin", "user"]));
  return gateway.signIn(userId);
}

/** Nothing fills the cache without the cache service, so it is filled here. */
async function keepAccess(
  { userId, get }: Awaited<ReturnType<typeof signInAs>>,
  change: (access: Access) => Access,
): Promise<void> {
  const { user, roles, permissions } = (await get("/api/v1/auth/session")).body as Access;
  const { key, tags } = keptValue("permissions", userId);
  await gateway.stores.cache.set(key, change({ user, roles, permissions }), { tags });
}

/** While a deletion is open that Redis isn't known to have taken, only Postgres may answer for what it touches. */
async function seeNothingOpen(): Promise<void> {
  const countOpen = async () =>
    (await schema.database.query("select 1 from redis_journal where drained_at is null")).length;
  while ((await countOpen()) > 0) await new Promise((resolve) => setTimeout(resolve, 50));
  // Until the gateway's next look at the journal.
  await new Promise((resolve) => setTimeout(resolve, 500));
}

/** As the cache service does it. */
async function switchPermissions(stage: "off" | null): Promise<void> {
  const invalidates = ["settings:all"];
  const values = { "cache.permissions.stage": stage };
  const { journalId = "" } = await createSettings(schema.database).put({ values, userId: null, invalidates });
  await gateway.stores.cache.invalidate({ keys: invalidates }, { journalId });
}

type SettingsAnswer = { items: { key: string; value: unknown }[]; stale: boolean };

it.each(["/stats", "/users", "/cache", "/redis"])("lets only those see %s who may", async (path) => {
  const eve = await signInAs("user");
  expect((await eve.get(`/api/v1/admin${path}`)).status).toBe(403);
});

it("knows a changed role in the very next request, with Redis and without", async () => {
  const ada = await signInAs("user");
  expect((await ada.get(settingsPath)).status).toBe(403);
  await tell(people().assignRoles(ada.userId, ["admin"]));
  expect((await ada.get(settingsPath)).status).toBe(200);
  await tell(people().assignRoles(ada.userId, ["user"]));
  expect((await ada.get(settingsPath)).status).toBe(403);
  await redis.kill();
  try {
    await tell(people().assignRoles(ada.userId, ["admin"]));
    expect((await ada.get(settingsPath)).status).toBe(200);
    await tell(people().setDisabled(ada.userId, true));
    expect((await ada.get(settingsPath)).status).toBe(401);
  } finally {
    await redis.restart();
  }
  // What Redis holds isn't believed while it recovers.
  while (!(await request(gateway.url).get("/readyz")).text.startsWith('{"status":"ready"')) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
});

it("follows the switch of a read model within a second: off, it asks Postgres alone", async () => {
  const ada = await signInAs("admin");
  const nameOf = async () =>
    ((await ada.get("/api/v1/auth/session")).body as { user: { displayName: string } }).user.displayName;
  const before = await nameOf();
  // Past every cache and journal: nobody is told.
  await schema.database.query("update users set display_name = 'Past the caches' where id = $1", [
    ada.userId,
  ]);
  await keepAccess(ada, (access) => ({ ...access, user: { ...access.user, displayName: before } }));
  expect(await nameOf()).toBe(before);
  await switchPermissions("off");
  const switchedAt = Date.now();
  while ((await nameOf()) === before) await new Promise((resolve) => setTimeout(resolve, 20));
  // The promise is 1 s; asserted at three times that.
  expect(Date.now() - switchedAt).toBeLessThan(3000);
  expect(await nameOf()).toBe("Past the caches");
  await switchPermissions(null);
  // Back on within a second as well: the tests to come want it so.
  const readStage = async () =>
    ((await ada.get(settingsPath)).body as SettingsAnswer).items.find(
      ({ key }) => key === "cache.permissions.stage",
    )?.value;
  while ((await readStage()) !== null) await new Promise((resolve) => setTimeout(resolve, 20));
  await new Promise((resolve) => setTimeout(resolve, 1000));
});

it("refuses what can't be dropped and servers that there aren't", async () => {
  const ada = await signInAs("admin");
  const invalidate = (body: object) => ada.post("/api/v1/admin/cache/invalidate", body);
  for (const body of [{}, { prefix: "u" }, { tags: [] }, { keys: ["a b"] }, { everything: true }]) {
    expect([body, (await invalidate(body)).status]).toEqual([body, 400]);
  }
  expect((await ada.post("/api/v1/admin/redis/queue/bgsave")).status).toBe(404);
});

it("answers settings without the cache service, and 503 to what only that can say", async () => {
  const ada = await signInAs("admin");
  expect((await ada.get(settingsPath)).body).toMatchObject({ stale: false });
  for (const path of ["/stats", "/users", "/cache", "/redis"]) {
    const answer = await ada.get(`/api/v1/admin${path}`);
    expect([path, answer.status]).toEqual([path, 503]);
    expect(answer.headers["retry-after"]).toBeDefined();
  }
});

it("answers the last known settings when Postgres is gone and nothing is cached, and marks them", async () => {
  const ada = await signInAs("admin");
  await keepAccess(ada, (access) => access);
  const fresh = (await ada.get(settingsPath)).body as SettingsAnswer;
  await seeNothingOpen();
  await postgres.kill();
  await new Promise((resolve) => setTimeout(resolve, 1000));
  const last = await ada.get(settingsPath);
  expect(last.status).toBe(200);
  expect(last.body).toEqual({ ...fresh, stale: true });
});
