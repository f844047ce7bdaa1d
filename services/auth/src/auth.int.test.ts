import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import {
  userTopic,
  sessionsRevokedNewsSchema,
  type SessionsRevokedNews,
} from "@vibe-friend/contracts/bus-messages";
import { internalAuthCalls } from "@vibe-friend/contracts/internal";
import { createAuditLog } from "@vibe-friend/database/repositories/audit-log";
import { createSettings } from "@vibe-friend/database/repositories/settings";
import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { createHealth } from "@vibe-friend/service-kit/health";
import { createInternalClient } from "@vibe-friend/service-kit/internal-client";
import { createLifecycle } from "@vibe-friend/service-kit/lifecycle";
import { createMetrics } from "@vibe-friend/service-kit/metrics";
import { createRecordingLogger } from "@vibe-friend/service-kit/testing/recording-logger";
import { createArgon2Passwords } from "./adapters/argon2-passwords";
import { createBusNews } from "./adapters/bus-news";
import { connectStores } from "./adapters/connect-stores";
import { createDatabaseAccounts } from "./adapters/database-accounts";
import { createDatabaseAdmins } from "./adapters/database-admins";
import { createDatabaseAudit } from "./adapters/database-audit";
import { createDatabaseLinks } from "./adapters/database-links";
import { createDatabaseSettings } from "./adapters/database-settings";
import { createTellCaches } from "./adapters/tell-caches";
import { createApp } from "./app";
import { createFindFirstAdminLink } from "./domain/find-first-admin-link";
import { hashLinkToken } from "./domain/link-token";

jest.setTimeout(30_000);

const secret = "s".repeat(32);
const caller = { ip: "192.0.2.1", userAgent: "test", requestId: "r-1" };
const ada = { email: "ada@example.org", password: "correct horse battery" };
let schema: TestSchema;
let redis: Awaited<ReturnType<typeof useTestRedis>>;
let auth: Awaited<ReturnType<typeof startAuth>>;

async function startAuth() {
  const logger = createRecordingLogger();
  const lifecycle = createLifecycle(logger);
  const health = createHealth();
  const metrics = createMetrics("auth");
  const { database, bus, cache, sessions } = await connectStores(
    {
      database: { url: schema.url, directUrl: schema.url, poolSize: 5 },
      redis: parseRedisConfig({ REDIS_URL: redis.url }),
      accounts: { sessionMaxAgeMs: 3_600_000 },
    },
    { logger, lifecycle, health, metrics },
  );
  const tellCaches = createTellCaches(cache);
  const links = createDatabaseLinks(database, { tellCaches, sessions });
  const accounts = createDatabaseAccounts(database, tellCaches);
  const app = createApp({
    logger,
    health,
    metrics,
    accounts,
    links,
    passwords: createArgon2Passwords(2),
    sessions,
    news: createBusNews(bus),
    audit: createDatabaseAudit(createAuditLog(database), logger),
    settings: createDatabaseSettings(createSettings(database)),
    registration: "open",
    tokenSecret: secret,
  });
  const server: Server = createServer(app);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const peer = { url, issuer: "api-gateway", audience: "auth", secret, timeoutMs: 5000, logger };
  const admins = createDatabaseAdmins(database);
  return {
    ...{ server, url, lifecycle, bus, sessions, database, links },
    client: createInternalClient({ ...peer, calls: internalAuthCalls }),
    findLink: createFindFirstAdminLink({ accounts, admins, links, publicUrl: "http://localhost:8080" }),
  };
}

beforeAll(async () => {
  const [postgres, ownRedis] = await Promise.all([useTestPostgres(), useTestRedis()]);
  redis = ownRedis;
  schema = await prepareTestSchema(postgres);
  auth = await startAuth();
  await auth.client.call("register", { body: ada, caller });
});

afterAll(async () => {
  auth.server.closeAllConnections();
  auth.server.close();
  await auth.lifecycle.stop();
  await schema.drop();
  await redis.stop();
});

const login = (body = ada) => auth.client.call("login", { body, caller });
const kindOf = async (token: string) => (await auth.sessions.find(token)).kind;
const isOpen = async (token: string) => {
  const found = await auth.sessions.find(token);
  return found.kind !== "unavailable" && found.value !== undefined;
};

it("lets no one in without a token for this service", async () => {
  const response = await fetch(`${auth.url}/internal/login`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: "{}",
  });
  expect(response.status).toBe(401);
});

it("signs in with a session both stores know, and refuses wrong passwords and unknown people alike", async () => {
  const { user, session, token } = await login();
  expect(session).toMatchObject({ userId: user.id, ip: caller.ip, userAgent: caller.userAgent });
  expect(await kindOf(token)).toBe("ok");
  const refused = { code: "invalid_credentials" };
  await expect(login({ ...ada, password: "wrong horse battery" })).rejects.toMatchObject(refused);
  await expect(login({ ...ada, email: "nobody@example.org" })).rejects.toMatchObject(refused);
});

it("ends a session everywhere and says so on the bus", async () => {
  const { user, session, token } = await login();
  const heard: SessionsRevokedNews[] = [];
  const stop = await auth.bus.subscribe(userTopic(user.id), sessionsRevokedNewsSchema, (news) =>
    heard.push(news),
  );
  await auth.client.call("logout", { userId: user.id, sessionId: session.id, caller });
  expect(await isOpen(token)).toBe(false);
  while (heard.length === 0) await new Promise((resolve) => setTimeout(resolve, 10));
  expect(heard[0]).toEqual({ type: "sessions-revoked", userId: user.id, sessionIds: [session.id] });
  stop();
});

it("journals with an account, and with what a link changes about it, what caches must forget", async () => {
  const rows = () =>
    schema.database.query<{ payload: unknown }>(
      "select payload from redis_journal where kind = 'cache.invalidated' order by id",
    );
  const grace = { email: "grace@example.org", password: "correct horse battery" };
  const { user } = await auth.client.call("register", { body: grace, caller });
  const tags = ["users", `user_${user.id}`];
  expect((await rows()).at(-1)).toEqual({ payload: { tags } });
  await auth.links.replace({
    ...{ userId: user.id, name: "password reset", ttlMs: 60_000 },
    tokenHash: hashLinkToken("a link"),
  });
  const body = { token: "a link", email: "admiral@example.org" };
  await auth.client.call("redeem-link", { body, caller });
  expect(await rows()).toHaveLength(3);
  expect((await rows()).at(-1)).toEqual({ payload: { tags } });
});

it("refuses a second account of one address, in whatever case", async () => {
  const again = auth.client.call("register", { body: { ...ada, email: "Ada@Example.ORG" }, caller });
  await expect(again).rejects.toMatchObject({ code: "email_taken" });
});

it("signs out while Redis is dead, and the session stays ended when it is back", async () => {
  const [kept, ended] = [await login(), await login()];
  await redis.kill();
  try {
    const startedAt = performance.now();
    await auth.client.call("logout", { userId: ended.user.id, sessionId: ended.session.id, caller });
    expect(performance.now() - startedAt).toBeLessThan(1500);
    expect(await isOpen(ended.token)).toBe(false);
    expect(await isOpen(kept.token)).toBe(true);
    expect(await isOpen((await login()).token)).toBe(true);
  } finally {
    await redis.restart();
  }
  const until = Date.now() + 3000;
  while (Date.now() < until) {
    expect(await isOpen(ended.token)).toBe(false);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  expect(await isOpen(kept.token)).toBe(true);
});

it("redeems a link once, of many tries at once", async () => {
  const token = (await auth.findLink())?.split("#token=")[1] ?? "";
  const body = { token, email: "boss@example.org", password: "another fine sentence" };
  const tries = await Promise.allSettled(
    Array.from({ length: 5 }, () => auth.client.call("redeem-link", { body, caller })),
  );
  expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(login({ email: body.email, password: body.password })).resolves.toMatchObject({
    user: { email: body.email },
  });
  expect(await auth.findLink()).toBeUndefined();
});

it("notes who did what, without secrets", async () => {
  const { items } = await createAuditLog(auth.database).list({ limit: 100 });
  const actions = new Set(items.map(({ action }) => action));
  expect([...actions].sort()).toEqual([
    "auth.link",
    "auth.login",
    "auth.login-failed",
    "auth.logout",
    "auth.register",
  ]);
  expect(items.every(({ ip }) => ip === caller.ip)).toBe(true);
  expect(JSON.stringify(items)).not.toMatch(/horse|sentence/);
});
