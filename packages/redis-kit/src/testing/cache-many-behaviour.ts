import { keys, pause, schema } from "./cache-suite";
import type { CacheSuite } from "./cache-suite";
import { eventually } from "./redis-faults";

/** Several values at once. */
export function manyBehaviour(suite: CacheSuite): void {
  function loader(delayMs = 0) {
    const asked: string[][] = [];
    const source = {
      schema,
      async loadMissing(names: readonly string[]) {
        asked.push([...names]);
        await pause(delayMs);
        const there = names.filter((name) => name !== "none");
        return new Map(there.map((name) => [name, { n: Number(name) }]));
      },
    };
    return { asked, source };
  }

  it("stores many, each with an outcome of its own and a time-to-live, and reads many", async () => {
    const outcomes = await suite.here.setMany([
      { name: "1", value: { n: 1 } },
      { name: "odd", value: 1n },
      { name: "2", value: { n: 2 }, ttlMs: 1000, tags: ["team"] },
    ]);
    expect(outcomes).toMatchObject([{ kind: "ok" }, { kind: "unavailable" }, { kind: "ok" }]);
    expect(await suite.there.getMany(["1", "2", "2", "3"], schema)).toEqual({
      kind: "ok",
      value: new Map([
        ["1", { n: 1 }],
        ["2", { n: 2 }],
      ]),
    });
    await suite.there.invalidate({ tags: ["team"] });
    expect(await suite.here.getMany(["1", "2"], schema)).toMatchObject({ value: new Map([["1", { n: 1 }]]) });
    expect(await suite.redis.role.commands.get(keys.cacheLease("1"))).toBeUndefined();
  });

  it("loads all that is missing in one call, stores it, and leaves out what isn't there", async () => {
    const { asked, source } = loader();
    await suite.here.set("1", { n: 1 });
    const answer = await suite.here.loadMany(["1", "2", "3", "none"], source);
    expect(answer.kind).toBe("ok");
    expect([...answer.value].sort()).toEqual([
      ["1", { n: 1 }],
      ["2", { n: 2 }],
      ["3", { n: 3 }],
    ]);
    expect(asked).toEqual([["2", "3", "none"]]);
    await suite.there.loadMany(["1", "2", "3"], source);
    expect(asked).toHaveLength(1);
  });

  it("loads every value once though two processes ask for overlapping ones", async () => {
    const one = loader(60);
    const other = loader(60);
    const [here, there] = await Promise.all([
      suite.here.loadMany(["1", "2"], one.source),
      suite.there.loadMany(["2", "3"], other.source),
    ]);
    expect([...here.value.keys()].sort()).toEqual(["1", "2"]);
    expect([...there.value.keys()].sort()).toEqual(["2", "3"]);
    expect([...one.asked, ...other.asked].flat().sort()).toEqual(["1", "2", "3"]);
  });

  it("does not store what was loaded before an invalidation", async () => {
    const { asked, source } = loader(80);
    const loading = suite.here.loadMany(["1", "2"], source);
    await eventually("the load is under way", () => asked.length === 1);
    await suite.there.delete("1");
    await loading;
    expect(await suite.there.getMany(["1", "2"], schema)).toMatchObject({
      value: new Map([["2", { n: 2 }]]),
    });
  });

  it("answers from the source while Redis is gone, and says so for every entry to be stored", async () => {
    await suite.redis.faults.kill();
    try {
      const { asked, source } = loader(30);
      const [answer] = await Promise.all([
        suite.here.loadMany(["1", "2"], source),
        suite.here.loadMany(["1", "2"], source),
      ]);
      expect(answer).toMatchObject({
        kind: "degraded",
        value: new Map([
          ["1", { n: 1 }],
          ["2", { n: 2 }],
        ]),
      });
      expect(asked).toHaveLength(1);
      expect(await suite.here.getMany(["1"], schema)).toMatchObject({ kind: "unavailable" });
      const entries = [
        { name: "1", value: 1 },
        { name: "2", value: 2 },
      ];
      expect(await suite.here.setMany(entries)).toMatchObject([
        { kind: "unavailable" },
        { kind: "unavailable" },
      ]);
    } finally {
      await suite.redis.faults.restart();
    }
  });
}
