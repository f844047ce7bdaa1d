import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { createKeys } from "../keys";
import { connectTestRole } from "../testing/connect-test-role";
import type { TestRole } from "../testing/connect-test-role";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";
import { createRateLimit } from "./rate-limit";
import type { RateDecision, RateLimit } from "./rate-limit";

jest.setTimeout(30_000);

let redis: RedisServer;
let here: TestRole;
let there: TestRole;
let limits = 0;

function createLimit({ role, config }: TestRole, durationMs = 60_000): RateLimit {
  const keys = createKeys(config);
  return createRateLimit({ role, keys, name: `test-${limits}`, points: 5, durationMs });
}

async function consumeTimes(limit: RateLimit, subject: string, times: number): Promise<RateDecision[]> {
  return Promise.all(Array.from({ length: times }, () => limit.consume(subject)));
}

const allowedOf = (decisions: readonly RateDecision[]) => decisions.filter(({ allowed }) => allowed).length;
const isNormal = ({ role }: TestRole) => role.health.status().mode === "normal";

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
  [here, there] = await Promise.all([connectTestRole(redis.url), connectTestRole(redis.url)]);
});

beforeEach(async () => {
  limits += 1;
  await eventually("both are normal", () => isNormal(here) && isNormal(there));
});

afterEach(async () => {
  redis.resume();
  if (redis.pid === undefined) await redis.restart();
});

afterAll(async () => {
  await Promise.all([here.role.close(), there.role.close()]);
  await redis.stop();
});

describe("rate limit on a real server", () => {
  it("allows as many as it has points, whichever process is asked and however many ask at once", async () => {
    const decisions = await Promise.all([
      consumeTimes(createLimit(here), "ada", 25),
      consumeTimes(createLimit(there), "ada", 25),
    ]);
    expect(allowedOf(decisions.flat())).toBe(5);
    expect(decisions.flat().every(({ by }) => by === "redis")).toBe(true);
    const next = await createLimit(here).consume("ada");
    expect(next).toMatchObject({ allowed: false, limit: 5, remaining: 0 });
    expect(next.resetMs).toBeGreaterThan(30_000);
    expect(next.resetMs).toBeLessThanOrEqual(60_000);
    expect((await createLimit(here).consume("grace")).remaining).toBe(4);
  });

  it("allows again when the window has ended", async () => {
    const limit = createLimit(here, 1000);
    expect(allowedOf(await consumeTimes(limit, "ada", 8))).toBe(5);
    await eventually("it is allowed again", async () => (await limit.consume("ada")).allowed, 4000);
  });

  it("gives a fresh window after a reset in another process", async () => {
    await consumeTimes(createLimit(here), "ada", 8);
    expect((await createLimit(there).reset("ada")).kind).toBe("ok");
    expect(await createLimit(here).consume("ada")).toMatchObject({ allowed: true, remaining: 4 });
  });

  it("keeps no subject readable in Redis, and every counter with an end", async () => {
    await createLimit(here).consume("ada@example.org");
    const found = await askServer(redis.url, async (client) => {
      const keys = await client.keys("*");
      return Promise.all(keys.map(async (key) => ({ key, ttlMs: await client.pttl(key) })));
    });
    expect(found.some(({ key }) => key.includes("ada"))).toBe(false);
    expect(found.every(({ key, ttlMs }) => key.startsWith("gvf:limit:test-") && ttlMs > 0)).toBe(true);
  });

  it("answers by its insurance while Redis is frozen, soon, and never lets more through than that", async () => {
    const limit = createLimit(here);
    await limit.consume("ada");
    redis.freeze();
    const startedAt = performance.now();
    const decisions: RateDecision[] = [];
    for (let turn = 0; turn < 20; turn += 1) decisions.push(await limit.consume("ada"));
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(decisions.every(({ by }) => by === "insurance")).toBe(true);
    expect(allowedOf(decisions)).toBe(2);
    const timedOut = here.logger.lines.filter(({ fields }) => fields["outcome"] === "timeout");
    expect(timedOut.some(({ fields }) => fields["operation"] === "limit.consume")).toBe(true);
    redis.resume();
    await eventually("Redis decides again", async () => (await limit.consume("grace")).by === "redis");
  });

  it("goes on refusing when Redis is killed, also who was refused before, and decides by Redis again later", async () => {
    const limit = createLimit(here);
    expect(allowedOf(await consumeTimes(limit, "ada", 8))).toBe(5);
    await redis.kill();
    expect(await limit.consume("ada")).toMatchObject({ allowed: false, by: "insurance" });
    const others: RateDecision[] = [];
    for (let turn = 0; turn < 10; turn += 1) others.push(await limit.consume("grace"));
    expect(allowedOf(others)).toBe(2);
    await redis.restart();
    await eventually("Redis decides again", async () => (await limit.consume("linus")).by === "redis");
  });

  it("begins a new window after FLUSHALL, and limits it", async () => {
    const limit = createLimit(here);
    await consumeTimes(limit, "ada", 8);
    await askServer(redis.url, (client) => client.flushall());
    expect(allowedOf(await consumeTimes(limit, "ada", 8))).toBe(5);
  });

  it("answers by its insurance while Redis takes no writes", async () => {
    const limit = createLimit(here);
    await limit.consume("ada");
    await askServer(redis.url, (client) => client.config("SET", "maxmemory", "1"));
    try {
      const decisions: RateDecision[] = [];
      for (let turn = 0; turn < 10; turn += 1) decisions.push(await limit.consume("grace"));
      expect(decisions.every(({ by }) => by === "insurance")).toBe(true);
      expect(allowedOf(decisions)).toBe(2);
    } finally {
      await askServer(redis.url, (client) => client.config("SET", "maxmemory", "0"));
    }
  });
});
