import { z } from "zod";
import { createMemoryJournal } from "../testing/memory-journal";
import type { MemoryJournal } from "../testing/memory-journal";
import { eventually } from "../testing/redis-faults";
import { createMemoryProcesses } from "../testing/two-processes";
import type { TwoProcesses } from "../testing/two-processes";
import { createCache } from "./cache";
import type { Cache } from "./cache";

const schema = z.number();

describe("an invalidation without a row of its own", () => {
  let journal: MemoryJournal;
  let processes: TwoProcesses;
  let appended = 0;
  let cache: Cache;

  beforeEach(async () => {
    journal = createMemoryJournal();
    appended = 0;
    const counting = {
      ...journal,
      append(...row: Parameters<MemoryJournal["append"]>) {
        appended += 1;
        return journal.append(...row);
      },
    };
    processes = await createMemoryProcesses("cache", counting);
    const { role, trust } = processes.here;
    cache = createCache({ role, trust, keys: processes.keys, ttlMs: 60_000 });
    await eventually("redis is trusted", () => trust.verdict().kind === "trusted");
  });
  afterEach(async () => {
    journal.become("here");
    await cache.close();
    await processes.close();
  });

  it("is written to the journal although Redis has taken it, and is done with when answered", async () => {
    await cache.set("a", 1);
    expect(await cache.invalidate({ keys: ["a"] })).toEqual({ kind: "ok", value: undefined });
    expect(appended).toBe(1);
    expect(await cache.getOrLoad("a", { schema, load: () => Promise.resolve(2) })).toMatchObject({
      kind: "ok",
    });
    await eventually("its row is settled", () => journal.open().length === 0);
  });

  it("shares a row with others of its moment, which stays open until Redis has taken all", async () => {
    const names = Array.from({ length: 150 }, (_, place) => `a${place}`);
    const outcomes = await Promise.all(names.map((name) => cache.invalidate({ keys: [name] })));
    expect(outcomes.every(({ kind }) => kind === "ok")).toBe(true);
    expect(appended).toBeLessThan(5);
    await eventually("the rows are settled", () => journal.open().length === 0);
  });

  it("never makes more rows than looks can hold, one after the other", async () => {
    for (let done = 0; done < 120; done += 1) await cache.invalidate({ keys: ["a"] });
    const startedAt = performance.now();
    for (let done = 0; done < 20; done += 1) await cache.invalidate({ keys: ["a"] });
    expect(performance.now() - startedAt).toBeGreaterThan(200);
  });

  it("is degraded when only the journal took it, and unavailable when the journal did not", async () => {
    processes.here.cutOff("refuse");
    await eventually("it is known", () => processes.here.role.health.status().mode === "degraded");
    expect(await cache.invalidate({ keys: ["a"] })).toMatchObject({ kind: "degraded" });
    journal.become("away");
    expect(await cache.invalidate({ keys: ["a"] })).toMatchObject({ kind: "unavailable" });
    processes.here.reconnect();
    await eventually("redis takes it", () => processes.here.role.health.status().mode === "normal");
    expect(await cache.invalidate({ keys: ["a"] })).toMatchObject({ kind: "unavailable" });
  });
});
