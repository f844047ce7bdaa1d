import { createCache } from "../cache/cache";
import { holdBack, keys, pause, schema } from "./cache-suite";
import type { CacheSuite } from "./cache-suite";
import { eventually } from "./redis-faults";

/** Nobody reads what was invalidated: not from Redis, not from a load under way, not from a late store. */
export function invalidationBehaviour(suite: CacheSuite): void {
  it("never stores what was loaded before a deletion in another process", async () => {
    const old = suite.here.getOrLoad("a", suite.source(1, 80));
    await eventually("the load is under way", () => suite.loads === 1);
    expect(await suite.there.delete("a")).toMatchObject({ kind: "ok" });
    expect(await old).toMatchObject({ value: { n: 1 } });
    expect(await suite.here.get("a", schema)).toEqual({ kind: "ok", value: undefined });
    expect(suite.here.counts().overtaken).toBe(1);
  });

  it("does not share a load that began before a deletion in another process", async () => {
    const old = suite.here.getOrLoad("a", suite.source(1, 150));
    await eventually("the load is under way", () => suite.loads === 1);
    await suite.there.delete("a");
    expect(await suite.here.getOrLoad("a", suite.source(2))).toMatchObject({ value: { n: 2 } });
    expect(await old).toMatchObject({ value: { n: 1 } });
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: { n: 2 } });
  });

  it("refuses a store that arrives after the invalidation", async () => {
    const held = holdBack(suite.redis.role, "storeLeased");
    const slow = createCache({ role: held.role, keys, ttlMs: 60_000 });
    expect(await slow.getOrLoad("a", suite.source(1))).toMatchObject({ kind: "ok", value: { n: 1 } });
    await suite.there.delete("a");
    await held.open();
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: undefined });
  });

  it("refuses a set that arrives after the invalidation", async () => {
    const held = holdBack(suite.redis.role, "storeLeased");
    const slow = createCache({ role: held.role, keys, ttlMs: 60_000 });
    const [outcome] = await slow.setMany([{ name: "a", value: { n: 1 } }]);
    // One pipeline, which this gate lets through at once: what counts is the lease it took before.
    expect(outcome).toEqual({ kind: "ok", value: undefined });
    const lease = keys.cacheLease("a");
    await suite.redis.role.commands.set(lease, "mine");
    await suite.there.delete("a");
    const stored = { lease, token: "mine", value: "old", ttlMs: 1000 };
    expect(await suite.redis.role.commands.storeLeased(keys.cache("a"), stored)).toBe(false);
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: undefined });
  });

  it("lets a tag take all values that carry it, in every process, and no other", async () => {
    await suite.here.getOrLoad("ada", { ...suite.source(1), tags: ["team", "ada"] });
    await suite.here.getOrLoad("bob", { ...suite.source(2), tags: ["team", "bob"] });
    expect(await suite.there.invalidate({ tags: ["ada"] })).toMatchObject({ kind: "ok" });
    expect(await suite.here.get("ada", schema)).toEqual({ kind: "ok", value: undefined });
    // Also where nobody named the tags.
    expect(await suite.here.get("bob", schema)).toEqual({ kind: "ok", value: { n: 2 } });
    await suite.here.invalidate({ tags: ["team"] });
    expect(await suite.there.get("bob", schema, { tags: ["bob", "team"] })).toEqual({
      kind: "ok",
      value: undefined,
    });
  });

  it("never believes a value whose tag was invalidated while it was loaded", async () => {
    const tagged = { ...suite.source(1, 80), tags: ["team"] };
    const old = suite.here.getOrLoad("a", tagged);
    await eventually("the load is under way", () => suite.loads === 1);
    await suite.there.invalidate({ tags: ["team"] });
    const next = suite.here.getOrLoad("a", { ...suite.source(2), tags: ["team"] });
    expect(await next).toMatchObject({ value: { n: 2 } });
    await old;
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: { n: 2 } });
  });

  it("counts a tag without a token as a miss, so that eviction never makes a value valid", async () => {
    await suite.here.getOrLoad("a", { ...suite.source(1), tags: ["team"] });
    await suite.redis.role.commands.del([keys.cacheTag("team")]);
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: undefined });
    await suite.here.getOrLoad("a", { ...suite.source(2), tags: ["team"] });
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: { n: 2 } });
  });

  it("does not believe a value that lacks a tag it is asked for with", async () => {
    await suite.here.getOrLoad("a", suite.source(1));
    const tagged = { ...suite.source(2), tags: ["team"] };
    expect(await suite.there.getOrLoad("a", tagged)).toMatchObject({ from: "source", value: { n: 2 } });
  });

  it("deletes by prefix, patterns in it taken as text, and stops the loads under way there", async () => {
    await suite.here.set("user:1", { n: 1 });
    await suite.here.set("user*", { n: 2 });
    await suite.here.set("users", { n: 3 });
    const old = suite.here.getOrLoad("user:2", suite.source(4, 100));
    await eventually("the load is under way", () => suite.loads === 1);
    expect(await suite.there.invalidate({ prefixes: ["user:"] })).toMatchObject({ kind: "ok" });
    await old;
    const left = await suite.here.getMany(["user:1", "user:2", "user*", "users"], schema);
    expect(left).toMatchObject({ kind: "ok" });
    expect(left.kind === "ok" ? [...left.value.keys()] : []).toEqual(["user*", "users"]);
    await suite.there.invalidate({ prefixes: ["user*"] });
    expect(await suite.here.get("users", schema)).toEqual({ kind: "ok", value: { n: 3 } });
    expect(await suite.here.get("user*", schema)).toEqual({ kind: "ok", value: undefined });
  });

  it("reads its own write through, and gives it to others", async () => {
    let n = 1;
    const source = { ...suite.source(0), load: () => Promise.resolve({ n }) };
    await suite.here.getOrLoad("a", source);
    const write = () => {
      n = 2;
      return Promise.resolve("written");
    };
    expect(await suite.there.writeThrough("a", { ...source, write })).toMatchObject({
      written: "written",
      value: { n: 2 },
      invalidated: { kind: "ok" },
    });
    expect(await suite.here.getOrLoad("a", source)).toMatchObject({ from: "redis", value: { n: 2 } });
    const failing = { ...source, write, load: () => Promise.reject(new Error("no source")) };
    await expect(suite.here.writeThrough("a", failing)).rejects.toMatchObject({
      code: "reload-failed",
      written: "written",
    });
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: undefined });
  });

  it("invalidates with a write through whatever else its journal row says", async () => {
    const list = { ...suite.source(1), tags: ["people"] };
    await suite.here.getOrLoad("list", list);
    await suite.here.getOrLoad("other", suite.source(1));
    await suite.there.writeThrough("a", {
      ...suite.source(2),
      write: () => Promise.resolve(),
      invalidates: { tags: ["people"], keys: ["other"] },
    });
    expect(await suite.here.get("list", schema, { tags: ["people"] })).toEqual({
      kind: "ok",
      value: undefined,
    });
    expect(await suite.here.get("other", schema)).toEqual({ kind: "ok", value: undefined });
    expect(await suite.here.get("a", schema)).toEqual({ kind: "ok", value: { n: 2 } });
  });

  it("gives a dead holder's place to the next one within seconds", async () => {
    await suite.redis.role.commands.set(keys.cacheLease("a"), "of a dead process", { ttlMs: 1500 });
    const startedAt = performance.now();
    expect(await suite.there.getOrLoad("a", suite.source(1))).toMatchObject({ value: { n: 1 } });
    expect(performance.now() - startedAt).toBeLessThan(6000);
    expect(suite.there.counts()).toMatchObject({ leaseWaits: 1, loads: 1, misses: 1 });
  });

  it("stores nothing when its lease was lost, as a frozen process finds out", async () => {
    const load = suite.here.getOrLoad("a", suite.source(1, 100));
    await eventually("the load is under way", () => suite.loads === 1);
    await suite.redis.role.commands.del([keys.cacheLease("a")]);
    await suite.there.getOrLoad("a", suite.source(2));
    expect(await load).toMatchObject({ value: { n: 1 } });
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: { n: 2 } });
  });

  it("lets other processes wait for a load, and keeps its lease for as long as it takes", async () => {
    const [first, second] = await Promise.all([
      suite.here.getOrLoad("a", suite.source(1, 2200)),
      pause(30).then(() => suite.there.getOrLoad("a", suite.source(2))),
    ]);
    expect([first.value, second.value]).toEqual([{ n: 1 }, { n: 1 }]);
    expect(suite.loads).toBe(1);
    expect(await suite.redis.role.commands.get(keys.cacheLease("a"))).toBeUndefined();
  });

  it("waits for another process's load for a limited time, then loads for all of its own and stores", async () => {
    const stuck = suite.here.getOrLoad("a", { ...suite.source(1, 4000), tags: ["team"] });
    await eventually("the load is under way", () => suite.loads === 1);
    await suite.redis.role.commands.unlink([keys.cacheTag("team")]);
    const startedAt = performance.now();
    const next = { ...suite.source(2, 50), tags: ["team"], loadWaitMs: 300 };
    const answers = await Promise.all(Array.from({ length: 100 }, () => suite.there.getOrLoad("a", next)));
    expect(performance.now() - startedAt).toBeLessThan(3000);
    expect(answers.every(({ value }) => value.n === 2)).toBe(true);
    expect(suite.loads).toBe(2);
    expect(await stuck).toMatchObject({ value: { n: 1 } });
    expect(await suite.there.get("a", schema)).toEqual({ kind: "ok", value: { n: 2 } });
  });

  it("waits for no other process's load of several values longer either", async () => {
    const lease = keys.cacheLease("a");
    await suite.redis.role.commands.set(lease, "of a process that hangs", { ttlMs: 20_000 });
    const startedAt = performance.now();
    const loadMissing = () => Promise.resolve(new Map([["a", { n: 2 }]]));
    const found = await suite.there.loadMany(["a"], { schema, loadMissing, loadWaitMs: 300 });
    expect(found).toEqual({ kind: "ok", value: new Map([["a", { n: 2 }]]) });
    expect(performance.now() - startedAt).toBeLessThan(3000);
  });

  it("asks the source once when another process stores between the look and the lease", async () => {
    const { role } = suite.redis;
    let stored = false;
    const late: typeof role.guard = {
      run: async (operation, key, command) => {
        const name = typeof operation === "string" ? operation : operation.name;
        if (name === "cache.lease" && !stored) {
          stored = true;
          await suite.there.getOrLoad("a", suite.source(1));
        }
        return role.guard.run(operation, key, command);
      },
    };
    const slow = createCache({ role: { ...role, guard: late }, keys, ttlMs: 60_000 });
    expect(await slow.getOrLoad("a", suite.source(2))).toMatchObject({ value: { n: 1 }, from: "redis" });
    expect(suite.loads).toBe(1);
  });

  it.each([
    "__proto__",
    "a{b}c",
    "{}",
    "{a",
    "a b",
    "a*",
    "[x]",
    "a?b",
    "ü😀",
    "a\\b",
    "a\nb",
    "",
    "x".repeat(100_000),
  ])("takes any text as a name, a tag and a prefix: %#", async (name) => {
    let n = 0;
    const load = () => Promise.resolve({ n: (n += 1) });
    const read = async () =>
      (await suite.there.getOrLoad(name, { schema, tags: [name, "toString"], load })).value.n;
    if (name === "{}" && suite.redis.role.isCluster) {
      // No other key can be made to lie in this one's slot there: it is loaded anew every time, and never stale.
      expect([await read(), await read(), await read()]).toEqual([1, 2, 3]);
      await suite.here.invalidate({ keys: [name], tags: [name], prefixes: [name] });
      expect(await read()).toBe(4);
      return;
    }
    expect([await read(), await read()]).toEqual([1, 1]);
    await suite.here.invalidate({ prefixes: [name.slice(0, 50)] });
    expect([await read(), await read()]).toEqual([2, 2]);
    await suite.here.invalidate({ tags: [name] });
    expect([await read(), await read()]).toEqual([3, 3]);
    await suite.here.invalidate({ keys: [name] });
    expect([await read(), await read()]).toEqual([4, 4]);
  });
}
