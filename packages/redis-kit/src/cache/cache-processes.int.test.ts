import { startRedis } from "@vibe-friend/local-stack/redis-server";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { z } from "zod";
import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { connectTestRole } from "../testing/connect-test-role";
import { eventually } from "../testing/redis-faults";
import { askServer } from "../testing/server-faults";
import { startCacheProcess } from "../testing/start-cache-process";
import type { CacheProcess } from "../testing/start-cache-process";
import { createCache } from "./cache";

jest.setTimeout(60_000);

let redis: RedisServer;
let here: CacheProcess;
let there: CacheProcess;

beforeAll(async () => {
  const started = await startRedis();
  if (started === undefined) throw new Error("there is no Redis to test with");
  redis = started;
  [here, there] = await Promise.all([startCacheProcess(redis.url), startCacheProcess(redis.url)]);
  // What runs for the first time on a busy machine may take longer than Redis is waited for.
  for (const one of [here, there]) await one.ask.burst({ name: "warm", callers: 500, loadMs: 0, value: 0 });
});
beforeEach(() => askServer(redis.url, (client) => client.flushall()));
afterAll(async () => {
  await Promise.all([here.stop(), there.stop()]);
  await redis.stop();
});

/**
 * A process that stands still for longer than its lease lives loses it, and one that Redis answers too late goes
 * without: on a busy machine that happens, and both are counted. Repeats until neither did.
 *
 * @param overtaken loads that the test itself lets be overtaken
 */
async function undisturbed<T>(work: (name: string) => Promise<T>, overtaken = 0): Promise<T> {
  const both = [here, there];
  const disturbances = async () => {
    const counts = await Promise.all(both.map((one) => one.ask.counts({})));
    return counts.reduce((sum, one) => sum + one.faults + one.overtaken, 0);
  };
  for (let attempt = 1; attempt <= 10; attempt += 1) {
    const name = `attempt-${attempt}`;
    const before = await disturbances();
    const done = await work(name);
    if ((await disturbances()) - before <= overtaken) return done;
    await eventually("redis answers both in time again", async () => {
      const answers = await Promise.all(
        both.map((one) => one.ask.burst({ name: "probe", callers: 1, loadMs: 0, value: 0 })),
      );
      return answers.every(({ answers: given }) => given["ok 0"] === 1);
    });
  }
  throw new Error("this machine is too busy: there was always a process that lost its lease");
}

describe("two processes", () => {
  it("load once for 500 callers in each of them", async () => {
    const [one, other] = await undisturbed(async (name) => {
      const burst = { name, callers: 500, loadMs: 300, value: 7 };
      return Promise.all([here.ask.burst(burst), there.ask.burst(burst)]);
    });
    expect([one.answers, other.answers]).toEqual([{ "ok 7": 500 }, { "ok 7": 500 }]);
    expect(one.loads + other.loads).toBe(1);
  });

  it("load at most once each for 500 callers when the load takes longer than others wait for it", async () => {
    const burst = { name: "slow", callers: 500, loadMs: 4000, value: 7 };
    const answers = await Promise.all([here.ask.burst(burst), there.ask.burst(burst)]);
    for (const { loads } of answers) expect(loads).toBeLessThanOrEqual(1);
  });

  it("never store what one of them loaded before the other one's invalidation", async () => {
    const seen = await undisturbed(async (name) => {
      const old = here.ask.burst({ name, callers: 100, loadMs: 400, value: 1 });
      await eventually("the load is under way", () =>
        askServer(redis.url, async (client) => (await client.keys(`*lease*${name}*`)).length === 1),
      );
      await eventually(
        "it is invalidated",
        async () => (await there.ask.invalidate({ keys: [name] })) === "ok",
      );
      const fresh = await there.ask.burst({ name, callers: 100, loadMs: 0, value: 2 });
      const again = await here.ask.burst({ name, callers: 100, loadMs: 0, value: 3 });
      return { fresh, again, old: await old, last: await there.ask.get({ name }) };
    }, 1);
    expect(seen.fresh).toMatchObject({ loads: 1, answers: { "ok 2": 100 } });
    expect(seen.again.answers).toEqual({ "ok 2": 100 });
    expect(seen.old.answers).toEqual({ "ok 1": 100 });
    expect(seen.last).toBe(2);
  });

  it("load at most once each with a frozen Redis, and answer everybody", async () => {
    redis.freeze();
    try {
      const burst = { name: "cold", callers: 500, loadMs: 300, value: 7 };
      const answers = await Promise.all([here.ask.burst(burst), there.ask.burst(burst)]);
      for (const { loads, answers: given, longestMs } of answers) {
        expect({ loads, given }).toEqual({ loads: 1, given: { "degraded 7": 500 } });
        expect(longestMs).toBeLessThan(3000);
      }
    } finally {
      redis.resume();
    }
  });
});

describe("commands on the server", () => {
  const keys = createKeys(parseRedisConfig({}));
  const bookkeeping = new Set([
    "ping",
    "info",
    "config",
    "client",
    "auth",
    "select",
    "flushall",
    "role",
    "wait",
  ]);

  /** What was asked of the server meanwhile, apart from looking after connections. */
  async function commandsOf(work: () => Promise<unknown>): Promise<Record<string, number>> {
    const read = () =>
      askServer(redis.url, async (client) => {
        const lines = (await client.info("commandstats")).matchAll(/cmdstat_([a-z|]+):calls=(\d+)/g);
        return new Map([...lines].map(([, name = "", calls]) => [name, Number(calls)]));
      });
    const before = await read();
    await work();
    const after = [...(await read())].map(
      ([name, calls]) => [name, calls - (before.get(name) ?? 0)] as const,
    );
    return Object.fromEntries(
      after.filter(([name, calls]) => calls > 0 && !bookkeeping.has(name.split("|")[0] ?? "")),
    );
  }

  it.each([0, 1, 5])("are one for a hit with %d tags, and one for 64 hits at once", async (count) => {
    const { role } = await connectTestRole(redis.url, {}, "cache");
    const cache = createCache({ role, keys, ttlMs: 60_000 });
    const tags = Array.from({ length: count }, (_, place) => `tag${place}`);
    const source = { schema: z.number(), tags, load: () => Promise.resolve(1) };
    const read = (name: string) => cache.getOrLoad(name, source);
    const names = Array.from({ length: 64 }, (_, place) => `name${place}`);
    await eventually("all are stored", async () => {
      await Promise.all(names.map(read));
      const found = await cache.getMany(names, source.schema, { tags });
      return found.kind === "ok" && found.value.size === names.length;
    });
    const before = cache.counts();
    expect(await commandsOf(() => read("name0"))).toEqual({ mget: 1 });
    expect(await commandsOf(() => Promise.all(names.map(read)))).toEqual({ mget: 1 });
    const { redisHits, loads, faults } = cache.counts();
    // Those that were answered too late were loaded, and nothing else was.
    expect(redisHits - before.redisHits + faults - before.faults).toBe(65);
    expect(loads - before.loads).toBeLessThanOrEqual(faults - before.faults);
    await role.close();
  });

  it("are one for a tag that 10,000 of 100,000 values carry", async () => {
    const { role } = await connectTestRole(redis.url, {}, "cache");
    const cache = createCache({ role, keys, ttlMs: 60_000 });
    for (let from = 0; from < 100_000; from += 5000) {
      let entries = Array.from({ length: 5000 }, (_, place) => ({
        name: `v${from + place}`,
        value: place,
        tags: place % 10 === 0 ? ["tenth"] : [],
      }));
      // A busy machine may take longer for it than Redis is waited for.
      await eventually("all are stored", async () => {
        const outcomes = await cache.setMany(entries);
        entries = entries.filter((_, place) => outcomes[place]?.kind !== "ok");
        return entries.length === 0;
      });
    }
    const startedAt = performance.now();
    expect(await commandsOf(() => cache.invalidate({ tags: ["tenth"] }))).toEqual({ unlink: 1 });
    expect(performance.now() - startedAt).toBeLessThan(3000);
    const ask = async (name: string) => {
      let answer = await cache.get(name, z.number());
      await eventually("redis answers in time", async () => {
        answer = await cache.get(name, z.number());
        return answer.kind === "ok";
      });
      return answer;
    };
    expect(await ask("v10")).toEqual({ kind: "ok", value: undefined });
    expect(await ask("v11")).toEqual({ kind: "ok", value: 11 });
    await role.close();
  });
});
