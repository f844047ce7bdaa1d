import { createBus } from "../bus/bus";
import type { Bus } from "../bus/bus";
import { createCache } from "../cache/cache";
import type { Cache, CacheRead } from "../cache/cache";
import { holdBack, keys, pause, schema } from "./cache-suite";
import type { CacheSuite } from "./cache-suite";
import { createMemoryBusTransport } from "./memory-bus-transport";
import type { MemoryBusHub } from "./memory-bus-transport";
import { eventually } from "./redis-faults";

/** What a process keeps itself: fast, frozen, and gone when anybody invalidates it. */
export function memoryBehaviour(suite: CacheSuite): void {
  let buses: Bus[] = [];
  let here: Cache;
  let there: Cache;
  let reads: CacheRead[] = [];

  function create(role: CacheSuite["redis"]["role"], hub: MemoryBusHub): Cache {
    const bus = createBus({ role, keys, fallback: createMemoryBusTransport(hub) });
    buses.push(bus);
    const memory = { maxBytes: 100_000 };
    return createCache({ role, keys, ttlMs: 60_000, bus, memory, onRead: (read) => reads.push(read) });
  }

  beforeEach(async () => {
    const hub: MemoryBusHub = new Set();
    buses = [];
    here = create(suite.redis.role, hub);
    there = create(suite.redis.otherRole, hub);
    reads = [];
    await eventually("invalidations are heard", async () => {
      await here.getOrLoad("probe", suite.source(0));
      await there.getOrLoad("probe", suite.source(0));
      await here.delete("probe");
      await pause(20);
      return (await there.getOrLoad("probe", suite.source(0))).from !== "memory";
    });
    await suite.redis.faults.flushAll();
    await Promise.all([here.delete("probe"), there.delete("probe")]);
    reads = [];
  });
  afterEach(async () => {
    await Promise.all([here.close(), there.close()]);
    await Promise.all(buses.map((bus) => bus.close()));
  });

  it("answers the second read from memory, frozen, and tells of every read", async () => {
    await here.getOrLoad("a", suite.source(1));
    const again = await here.getOrLoad("a", suite.source(2));
    expect(again).toEqual({ kind: "ok", value: { n: 1 }, from: "memory", stale: false });
    expect(Object.isFrozen(again.value)).toBe(true);
    await there.getOrLoad("a", suite.source(2));
    expect(await there.getOrLoad("a", suite.source(2))).toMatchObject({ from: "memory", value: { n: 1 } });
    expect(reads.map(({ name, from }) => `${name} ${from}`)).toEqual([
      "a source",
      "a memory",
      "a redis",
      "a memory",
    ]);
    expect(here.counts()).toMatchObject({ memoryHits: 1 });
  });

  it.each([
    ["key", { keys: ["a"] }],
    ["tag", { tags: ["team"] }],
    ["prefix", { prefixes: ["a"] }],
  ])("forgets at once what this process invalidates by %s, and soon what others do", async (_, what) => {
    const tagged = (n: number) => ({ ...suite.source(n), tags: ["team"] });
    await here.getOrLoad("a", tagged(1));
    await there.getOrLoad("a", tagged(1));
    await here.invalidate(what);
    expect(await here.getOrLoad("a", tagged(2))).toMatchObject({ value: { n: 2 } });
    await eventually("others know", async () => (await there.getOrLoad("a", tagged(3))).value.n === 2);
  });

  it("never keeps what was loaded before an invalidation that came meanwhile", async () => {
    const old = here.getOrLoad("a", suite.source(1, 60));
    await pause(20);
    await there.delete("a");
    await old;
    expect(await here.getOrLoad("a", suite.source(2))).toMatchObject({ value: { n: 2 } });
  });

  it("never keeps what was read while Redis was being told", async () => {
    await there.getOrLoad("a", { ...suite.source(1), memory: false });
    const held = holdBack(suite.redis.role, "unlink");
    const slow = createCache({ role: held.role, keys, ttlMs: 60_000, memory: { maxBytes: 100_000 } });
    const telling = slow.delete("a");
    expect(await slow.getOrLoad("a", suite.source(2))).toMatchObject({ value: { n: 1 } });
    await held.open();
    expect(await telling).toMatchObject({ kind: "ok" });
    expect(await slow.getOrLoad("a", suite.source(2))).toMatchObject({ value: { n: 2 } });
  });

  it("stays out of the way of those who don't want it, and of another kind of value under that name", async () => {
    const apart = { ...suite.source(1), memory: false };
    await here.getOrLoad("a", apart);
    expect(await here.getOrLoad("a", apart)).toMatchObject({ from: "redis" });
    await here.getOrLoad("a", suite.source(1));
    const other = { ...suite.source(1), schema: schema.extend({}) };
    expect(await here.getOrLoad("a", other)).toMatchObject({ from: "redis" });
  });

  it("uses what it loaded again for a moment only while Redis is away", async () => {
    await suite.redis.faults.kill();
    try {
      await eventually("it is known", () => suite.redis.role.health.status().mode === "degraded");
      await here.getOrLoad("a", suite.source(1));
      expect(await here.getOrLoad("a", suite.source(2))).toMatchObject({ from: "memory", value: { n: 1 } });
      await pause(550);
      expect(await here.getOrLoad("a", suite.source(3))).toMatchObject({ from: "source", value: { n: 3 } });
    } finally {
      await suite.redis.faults.restart();
    }
  });

  it("answers within the grace from memory when neither Redis nor the source does", async () => {
    const graced = { ttlMs: 40, graceMs: 60_000 };
    await here.getOrLoad("a", { ...suite.source(1), ...graced });
    await here.getOrLoad("a", { ...suite.source(1), ...graced });
    await suite.redis.faults.kill();
    try {
      await pause(60);
      const broken = { ...suite.source(0), ...graced, load: () => Promise.reject(new Error("no source")) };
      // Losing the connection clears what is kept: whether it is still there depends on who noticed first.
      const answer = await here.getOrLoad("a", broken).catch((error: unknown) => String(error));
      expect([
        "Error: no source",
        { kind: "degraded", value: { n: 1 }, from: "memory", stale: true },
      ]).toContainEqual(typeof answer === "string" ? answer : { ...answer, fault: undefined });
    } finally {
      await suite.redis.faults.restart();
    }
  });
}
