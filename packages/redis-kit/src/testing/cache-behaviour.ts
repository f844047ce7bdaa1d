import { createCache } from "../cache/cache";
import type { Cache } from "../cache/cache";
import { invalidationBehaviour } from "./cache-invalidation-behaviour";
import { manyBehaviour } from "./cache-many-behaviour";
import { memoryBehaviour } from "./cache-memory-behaviour";
import { stalenessBehaviour } from "./cache-staleness-behaviour";
import { keys, pause, schema } from "./cache-suite";
import type { CacheSetup, CacheSuite } from "./cache-suite";
import { eventually } from "./redis-faults";

export type { CacheSetup } from "./cache-suite";

/** What every cache has to do, whatever its Redis is. */
export function cacheBehaviour(name: string, setup: () => Promise<CacheSetup>): void {
  describe(`cache on ${name}`, () => {
    let redis: CacheSetup;
    let here: Cache;
    let there: Cache;
    let loads = 0;

    const counting: CacheSuite["source"] = (n, delayMs = 0) => ({
      schema,
      load: async () => {
        loads += 1;
        await pause(delayMs);
        return { n };
      },
    });

    const suite: CacheSuite = {
      get redis() {
        return redis;
      },
      get here() {
        return here;
      },
      get there() {
        return there;
      },
      get loads() {
        return loads;
      },
      source: counting,
    };

    beforeAll(async () => {
      redis = await setup();
    });
    beforeEach(async () => {
      await eventually("both roles are normal", () =>
        [redis.role, redis.otherRole].every((role) => role.health.status().mode === "normal"),
      );
      await redis.faults.flushAll();
      here = createCache({ role: redis.role, keys, ttlMs: 60_000 });
      there = createCache({ role: redis.otherRole, keys, ttlMs: 60_000 });
      loads = 0;
    });
    afterAll(async () => {
      await eventually("both roles are normal", () =>
        [redis.role, redis.otherRole].every((role) => role.health.status().mode === "normal"),
      );
      await redis.close();
    });

    it("loads once and gives what it has stored to every process", async () => {
      expect(await here.getOrLoad("users:list", counting(1))).toMatchObject({ kind: "ok", value: { n: 1 } });
      expect(await there.getOrLoad("users:list", counting(2))).toMatchObject({ kind: "ok", value: { n: 1 } });
      expect(loads).toBe(1);
      const stored = await redis.role.commands.get("gvf:cache:users:list");
      expect(stored).toMatch(/^\{"v":\{"n":1\},"e":0,"t":\d+,"f":\d+\}$/);
    });

    it("shares one load between 200 that ask at once", async () => {
      const answers = await Promise.all(
        Array.from({ length: 200 }, () => here.getOrLoad("hot", counting(7, 20))),
      );
      expect(loads).toBe(1);
      expect(answers.every((answer) => answer.kind === "ok" && answer.value.n === 7)).toBe(true);
    });

    it("forgets a value when its time is over", async () => {
      await here.getOrLoad("brief", { ...counting(1), ttlMs: 30 });
      await pause(50);
      await here.getOrLoad("brief", { ...counting(1), ttlMs: 30 });
      expect(loads).toBe(2);
    });

    it.each(['{"n":3}', '{"v":{"n":"one"},"e":0,"t":1,"f":2}', "{", "", "null"])(
      "counts %j as a miss and replaces it",
      async (text) => {
        await redis.role.commands.set(keys.cache("odd"), text);
        expect(await here.getOrLoad("odd", counting(3))).toMatchObject({ kind: "ok", value: { n: 3 } });
        expect(here.counts()).toMatchObject({ corrupt: 1, misses: 1, hits: 0, loads: 1 });
        expect(await there.get("odd", schema)).toEqual({ kind: "ok", value: { n: 3 } });
      },
    );

    it("gives every process the new value after a deletion", async () => {
      await here.getOrLoad("a", counting(1));
      expect(await here.delete("a", "b")).toMatchObject({ kind: "ok" });
      expect(await there.getOrLoad("a", counting(2))).toMatchObject({ kind: "ok", value: { n: 2 } });
    });

    it("stores nothing from a load that a deletion has overtaken, and does not share it any more", async () => {
      const old = here.getOrLoad("a", counting(1, 60));
      await eventually("the load is under way", () => loads === 1);
      await here.delete("a");
      expect(await here.getOrLoad("a", counting(2))).toMatchObject({ kind: "ok", value: { n: 2 } });
      expect(await old).toMatchObject({ kind: "ok", value: { n: 1 } });
      expect(await there.get("a", schema)).toEqual({ kind: "ok", value: { n: 2 } });
    });

    it("passes on what the source rejects with, and asks it again next time", async () => {
      const broken = { schema, load: () => Promise.reject(new Error("no source")) };
      await expect(here.getOrLoad("a", broken)).rejects.toThrow("no source");
      expect(await here.getOrLoad("a", counting(1))).toMatchObject({ kind: "ok", value: { n: 1 } });
    });

    it("answers from the source, one load at a time, while Redis is gone, and caches again after", async () => {
      await redis.faults.kill();
      const answers = await Promise.all(
        Array.from({ length: 50 }, () => here.getOrLoad("a", counting(1, 20))),
      );
      expect(answers.every((answer) => answer.kind === "degraded" && answer.value.n === 1)).toBe(true);
      expect(loads).toBe(1);
      expect(await here.delete("a")).toMatchObject({ kind: "unavailable" });
      expect(await here.set("a", { n: 2 })).toMatchObject({ kind: "unavailable" });
      await redis.faults.restart();
      await eventually("it caches again", async () => {
        await here.getOrLoad("b", counting(1));
        return here.counts().hits > 0;
      });
    });

    it("stays fast with a frozen Redis", async () => {
      redis.faults.freeze();
      const startedAt = performance.now();
      for (let read = 0; read < 20; read += 1) {
        expect(await here.getOrLoad(`f${read}`, counting(read))).toMatchObject({ kind: "degraded" });
      }
      expect(performance.now() - startedAt).toBeLessThan(2000);
      redis.faults.resume();
    });

    describe("invalidation", () => {
      invalidationBehaviour(suite);
    });
    describe("staleness", () => {
      stalenessBehaviour(suite);
    });
    describe("several values", () => {
      manyBehaviour(suite);
    });
    describe("memory tier", () => {
      memoryBehaviour(suite);
    });
  });
}
