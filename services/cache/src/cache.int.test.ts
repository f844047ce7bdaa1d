import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { internalCacheCalls } from "@vibe-friend/contracts/internal";
import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { createRedisJournal } from "@vibe-friend/database/repositories/redis-journal";
import { createRoles } from "@vibe-friend/database/repositories/roles";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { createUsers } from "@vibe-friend/database/repositories/users";
import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { createCache } from "@vibe-friend/redis-kit/cache/cache";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import type { RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import { drainJournal, type JournalDrain } from "@vibe-friend/redis-kit/journal/drain-journal";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { createHealth } from "@vibe-friend/service-kit/health";
import { createInternalClient, type InternalClient } from "@vibe-friend/service-kit/internal-client";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import { createRecordingLogger } from "@vibe-friend/service-kit/testing/recording-logger";
import { createDatabaseAccess } from "./adapters/database-access";
import { createDatabaseAudit } from "./adapters/database-audit";
import { createDatabaseSettings } from "./adapters/database-settings";
import { createRedisReadModels } from "./adapters/redis-read-models";
import { createApp } from "./app";

jest.setTimeout(30_000);

const secret = "s".repeat(32);
let schema: TestSchema;
let redis: Awaited<ReturnType<typeof useTestRedis>>;
let role: RedisRole;
let drain: JournalDrain;
let server: Server;
let client: InternalClient<typeof internalCacheCalls>;

beforeAll(async () => {
  const [postgres, ownRedis] = await Promise.all([useTestPostgres(), useTestRedis()]);
  redis = ownRedis;
  schema = await prepareTestSchema(postgres);
  const { database } = schema;
  const config = parseRedisConfig({ REDIS_URL: redis.url });
  const logger = createRecordingLogger();
  role = await connectRedisRole({ role: "cache", config: config.cache, logger });
  drain = drainJournal({
    journal: createRedisJournal(database),
    role,
    keys: createKeys(config),
    intervalMs: 100,
  });
  const cache = createCache({ role, keys: createKeys(config), ttlMs: 60_000 });
  const app = createApp({
    logger,
    health: createHealth(),
    metrics: createMetrics("cache"),
    cache: createRedisReadModels(cache),
    access: createDatabaseAccess({ users: createUsers(database), roles: createRoles(database) }),
    settings: createDatabaseSettings(createSettings(database)),
    audit: createDatabaseAudit(createAuditLog(database), logger),
    tokenSecret: secret,
  });
  server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  client = createInternalClient({
    calls: internalCacheCalls,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    issuer: "api-gateway",
    audience: "cache",
    secret,
    timeoutMs: 3000,
    logger,
  });
});

afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await drain.stop();
  await role.close();
  await schema.drop();
  await redis.stop();
});

it("keeps who may do what under its name in Redis for up to half an hour", async () => {
  const userId = await schema.addUser();
  const access = await client.call("permissions", { userId });
  expect(access).toMatchObject({ roles: ["user"], user: { id: userId } });
  expect(access.permissions).toContain("generation:create");
  const stored = await role.commands.get(`gvf:cache:permissions:${userId}`);
  expect(JSON.parse(stored ?? "")).toEqual(access);
  await expect(
    client.call("permissions", { userId: "01890000-0000-7000-8000-0000000000bb" }),
  ).rejects.toMatchObject({
    code: "not_found",
  });
});

it("answers a changed setting at once, with Redis and without, and sets it back", async () => {
  const userId = await schema.addUser();
  const caller = { ip: "192.0.2.1" };
  const valueOf = async () => (await client.call("settings", {})).items.map(({ value }) => value);
  expect(await valueOf()).toEqual([]);
  await client.call("put-settings", { values: { registration: "closed" }, userId, caller });
  expect(await valueOf()).toEqual(["closed"]);
  await redis.kill();
  try {
    await client.call("put-settings", { values: { registration: "open" }, userId, caller });
    expect(await valueOf()).toEqual(["open"]);
  } finally {
    await redis.restart();
  }
  // The value from before the outage is still in there, until the journal has told.
  while (role.health.status().mode !== "normal") await new Promise((resolve) => setTimeout(resolve, 20));
  expect(await valueOf()).toEqual(["open"]);
  await client.call("put-settings", { values: { registration: null }, userId, caller });
  expect(await valueOf()).toEqual([]);
  const { items } = await createAuditLog(schema.database).list({ limit: 10 });
  expect(items.map(({ action }) => action)).toEqual([
    "settings.changed",
    "settings.changed",
    "settings.changed",
  ]);
});

it("loads once for many who ask at once", async () => {
  const userId = await schema.addUser();
  const answers = await Promise.all(Array.from({ length: 50 }, () => client.call("permissions", { userId })));
  expect(new Set(answers.map((answer) => answer.user.id))).toEqual(new Set([userId]));
});
