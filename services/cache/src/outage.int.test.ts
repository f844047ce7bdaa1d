import { prepareTestSchema } from "@vibe-friend/database/testing/test-schema";
import { startPostgres, type PostgresServer } from "@vibe-friend/local-stack/postgres-server";
import { useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { startCacheService } from "./testing/start-cache-service";

jest.setTimeout(60_000);

let postgres: PostgresServer;
let redis: Awaited<ReturnType<typeof useTestRedis>>;
let service: Awaited<ReturnType<typeof startCacheService>>;
/** Asked for nothing before the outage, so it has nothing in its memory. */
let other: typeof service;

beforeAll(async () => {
  [postgres, redis] = await Promise.all([startPostgres(), useTestRedis()]);
  const schema = await prepareTestSchema({ url: postgres.url, drop: () => Promise.resolve() });
  await schema.addUser();
  await schema.drop();
  const servers = { databaseUrl: postgres.url, redisUrl: redis.url };
  [service, other] = await Promise.all([
    startCacheService({ ...servers, refreshEveryMs: 1000 }),
    startCacheService(servers),
  ]);
});

afterAll(async () => {
  await Promise.all([service.stop(), other.stop()]);
  await Promise.all([redis.stop(), postgres.stop()]);
});

async function eventually<T>(ask: () => Promise<T>, isRight: (answer: T) => boolean): Promise<T> {
  const startedAt = performance.now();
  for (;;) {
    const answer = await ask().catch(() => undefined);
    if (answer !== undefined && isRight(answer)) return answer;
    if (performance.now() - startedAt > 15_000) throw new Error("not within 15 s");
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const statisticsKey = "gvf:cache:statistics:dashboard";
/** What lies in Redis, whatever processes remember. */
async function storedAt(): Promise<string | undefined> {
  const text = await service.stores.roles.cache.commands.get(statisticsKey);
  return text === undefined ? undefined : (JSON.parse(text) as { v: { at: string } }).v.at;
}

describe("ahead of its time", () => {
  it("the dashboard is loaded by the schedule: nobody asks, and Redis has ever newer counts", async () => {
    const first = await eventually(storedAt, (at) => at !== undefined);
    const second = await eventually(storedAt, (at) => at !== first);
    await eventually(storedAt, (at) => at !== second);
    const { items } = await service.client.call("cache", {});
    expect(items.find(({ model }) => model === "statistics")?.calls).toBe(0);
  });

  it("goes on after Redis was dead; without it the first reader loads", async () => {
    await redis.kill();
    expect((await service.client.call("statistics", {})).users.total).toBe(1);
    await redis.restart();
    const found = await eventually(storedAt, (at) => at !== undefined);
    await eventually(storedAt, (at) => at !== found);
  });
});

describe("while Postgres is stopped", () => {
  it("the last known counts and lists answer as stale once their time is over, what is not cached is 503", async () => {
    const normal = () => Promise.resolve(service.stores.roles.cache.health.status().mode);
    await eventually(normal, (mode) => mode === "normal");
    await service.client.call("users", { limit: 20 });
    const fresh = await service.client.call("statistics", {});
    await postgres.kill();
    try {
      const answer = await service.client.call("statistics", {});
      expect(answer.users).toEqual(fresh.users);
      // Their time is over, an hour ago for the list, their grace is not.
      await expire(statisticsKey, 60_000);
      await expire("gvf:cache:users:list:limit=20", 3_600_000);
      const stale = await eventually(
        () => other.client.call("statistics", {}),
        (statistics) => statistics.stale,
      );
      expect(stale).toMatchObject({ stale: true, users: fresh.users, queue: { waiting: 0 } });
      const list = await eventually(
        () => other.client.call("users", { limit: 20 }),
        ({ stale: isStale }) => isStale,
      );
      expect(list.items).toHaveLength(1);
      await expect(other.client.call("users", { limit: 19 })).rejects.toMatchObject({
        code: "unavailable",
      });
      const [redisView, cacheView] = await Promise.all([
        other.client.call("redis", {}),
        other.client.call("cache", {}),
      ]);
      expect(redisView.items[0]?.server).not.toBeNull();
      expect(cacheView.items.find(({ model }) => model === "statistics")?.stale).toBeGreaterThan(0);
    } finally {
      await postgres.restart();
    }
    await eventually(
      () => other.client.call("statistics", {}),
      ({ stale }) => !stale,
    );
  });
});

/** As if the value had been stored so much earlier. */
async function expire(key: string, agoMs: number): Promise<void> {
  const { commands } = service.stores.roles.cache;
  const envelope = JSON.parse((await commands.get(key)) ?? "") as { t: number; f: number };
  const endedAt = Date.now() - agoMs;
  await commands.set(key, JSON.stringify({ ...envelope, t: endedAt - 1000, f: endedAt }), {
    ttlMs: 600_000,
  });
}
