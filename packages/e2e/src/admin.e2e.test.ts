import { createClient, type Client } from "@vibe-friend/client/client";
import { createCookieJar } from "@vibe-friend/client/cookie-jar";
import type { CacheView } from "@vibe-friend/contracts/cache-admin";
import { password, registerPerson, waitUntilEnded } from "./person";
import { useStack } from "./running-stack";
import { waitFor } from "./wait-for";

const email = "admin@example.org";
const running = useStack({ restarts: false, env: { ADMIN_EMAIL: email, ADMIN_PASSWORD: password } });

const jar = createCookieJar();
let admin: Client;
beforeAll(async () => {
  admin = createClient({ baseUrl: running.stack.url, cookieJar: jar });
  // The auth service makes the account behind its start.
  await waitFor("the first admin", () => admin.auth.login({ email, password }));
}, 60_000);
afterAll(() => {
  admin.close();
});

const modelOf = (view: CacheView, model: string) => {
  const found = view.items.find((item) => item.model === model);
  if (found === undefined) throw new Error(`no figures of ${model}`);
  return found;
};
const becomes = (mode: "normal" | "degraded") =>
  waitFor(`mode ${mode}`, async () => ((await admin.admin.statistics()).mode === mode ? true : undefined));

it("shows an admin what there is, and what it is worth", async () => {
  const person = await registerPerson(running.stack.url);
  const { id } = await person.client.generations.submit({ prompt: "a library with books" });
  await waitUntilEnded(person.client, id);
  await admin.admin.invalidateCache({ tags: ["statistics"] });
  const statistics = await admin.admin.statistics();
  expect(statistics).toMatchObject({ stale: false, mode: "normal", users: { total: 2 } });
  expect(statistics.generations.byStatus.completed).toBe(1);
  expect(statistics.generations.perDay.at(-1)?.completed).toBe(1);
  expect(statistics.sessions.usersSignedIn).toBe(2);
  expect(statistics.queue).toMatchObject({ waiting: 0, active: 0 });

  const { items } = await admin.admin.users({ q: person.email.slice(0, 8).toUpperCase() });
  expect(items).toMatchObject([{ id: person.userId, roles: ["user"], disabled: false }]);
  const page = await admin.admin.users({ limit: 1 });
  expect((await admin.admin.users({ limit: 1, cursor: page.nextCursor ?? "" })).items).toHaveLength(1);

  const cache = await admin.admin.cache();
  const permissions = modelOf(cache, "permissions");
  expect(permissions).toMatchObject({ stage: "on", process: "api-gateway", hits: { memory: 0 } });
  expect(permissions.hits.redis).toBeGreaterThan(0);
  expect(permissions.cached.p50Ms).toBeGreaterThan(0);

  const { items: roles } = await admin.admin.redis();
  expect(roles.map(({ role, mode }) => [role, mode])).toEqual([
    ["state", "normal"],
    ["cache", "normal"],
  ]);
  const state = roles[0];
  expect(state?.server?.memory.usedBytes).toBeGreaterThan(0);
  expect(state?.keyspace?.groups.map(({ prefix }) => prefix)).toEqual(
    expect.arrayContaining(["gvf:session:", "gvf:cache:"]),
  );
  expect(state?.slowlog).not.toBeNull();
  expect(await admin.admin.saveRedis("state")).toEqual({ role: "state", started: true });
});

it("knows a new account in the next look at a cached list", async () => {
  await admin.admin.users({ limit: 3 });
  const person = await registerPerson(running.stack.url);
  const seen = await waitFor("the new account", async () => {
    const [newest] = (await admin.admin.users({ limit: 3 })).items;
    return newest?.id === person.userId ? newest : undefined;
  });
  expect(seen.email).toBe(person.email);
});

it("switches a read model at run time, and counts its figures anew", async () => {
  const put = await admin.admin.putSettings({ "cache.statistics.stage": "off" });
  expect(put.items.find(({ key }) => key === "cache.statistics.stage")?.value).toBe("off");
  const before = (await admin.admin.statistics()).at;
  expect((await admin.admin.statistics()).at).not.toBe(before);
  expect(modelOf(await admin.admin.cache(), "statistics")).toMatchObject({ stage: "off", hitRate: null });
  await admin.admin.putSettings({ "cache.statistics.stage": null });
  const { at } = await admin.admin.statistics();
  expect((await admin.admin.statistics()).at).toBe(at);
});

it.each(["killed", "frozen"] as const)(
  "answers and says so while Redis is %s",
  async (fault) => {
    const { stack } = running;
    if (fault === "killed") await stack.kill("redis");
    else stack.freeze("redis");
    try {
      await becomes("degraded");
      const [statistics, users, cache, redis, settings] = await Promise.all([
        admin.admin.statistics(),
        admin.admin.users(),
        admin.admin.cache(),
        admin.admin.redis(),
        admin.admin.settings(),
      ]);
      expect(statistics).toMatchObject({ mode: "degraded", queue: null, stale: false });
      expect(users.items.length).toBeGreaterThan(1);
      expect(cache.items).toHaveLength(4);
      expect(redis.items[0]).toMatchObject({ mode: "degraded", server: null });
      expect(redis.items[0]?.history[0]?.to).toBeNull();
      expect(settings.stale).toBe(false);
      expect(await admin.admin.invalidateCache({ tags: ["users"] })).toMatchObject({ journaledOnly: true });
      await expect(admin.admin.saveRedis("cache")).rejects.toMatchObject({ status: 503 });
    } finally {
      if (fault === "killed") await stack.restartPart("redis");
      else stack.resume("redis");
    }
    await becomes("normal");
    expect((await admin.admin.redis()).items[0]?.history[0]?.to).not.toBeNull();
  },
  60_000,
);

it("answers what is known while Postgres is stopped, and 503 to what is not", async () => {
  const { stack } = running;
  await admin.admin.statistics();
  await admin.admin.users({ limit: 7 });
  await stack.kill("postgres");
  try {
    const outcomes = await Promise.all([
      admin.admin.statistics(),
      admin.admin.users({ limit: 7 }),
      admin.admin.redis(),
      admin.admin.cache(),
      admin.admin.settings(),
    ]);
    expect(outcomes[0].users.total).toBeGreaterThan(1);
    expect(outcomes[2].items[0]?.server).not.toBeNull();
    // Past the client, which would try again.
    const unknown = await fetch(`${stack.url}/api/v1/admin/users?limit=99`, {
      headers: { cookie: jar.header() ?? "" },
    });
    expect(unknown.status).toBe(503);
    expect(unknown.headers.get("retry-after")).not.toBeNull();
  } finally {
    await stack.restartPart("postgres");
  }
  await waitFor("Postgres again", () => admin.admin.users({ limit: 98 }));
}, 60_000);
