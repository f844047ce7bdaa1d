import type { ReadModelStage } from "@vibe-friend/contracts/read-model-stage";
import { Registry } from "prom-client";
import { createReadFigures } from "./read-figures";
import { createReadModelStages } from "./read-model-stages";
import { createStagedReads, type ReadWays } from "./staged-read";
import { createRecordingLogger } from "./testing/recording-logger";

const at = "2026-01-01T00:00:00.000Z";

/** A source and a cache in front of it, each with its own value. */
function setup(stage: ReadModelStage) {
  const stages = createReadModelStages();
  const figures = createReadFigures(new Registry());
  const logger = createRecordingLogger();
  const reads = createStagedReads({ stages, figures, logger, recheckMs: [1, 1] });
  const asked: string[] = [];
  const values: { source: unknown; cache: unknown } = { source: { n: 1 }, cache: undefined };
  const ways: ReadWays<unknown> = {
    key: "users:list",
    async cached(timed) {
      asked.push("cache");
      if (values.cache !== undefined) return { value: values.cache, from: "redis", stale: false };
      values.cache = await timed(ways.source);
      return { value: values.cache, from: "source", stale: false };
    },
    source() {
      asked.push("source");
      return values.source instanceof Error ? Promise.reject(values.source) : Promise.resolve(values.source);
    },
  };
  const switchTo = (next: ReadModelStage) => {
    stages.learn({ items: [{ key: "cache.users.stage", value: next, updatedAt: at }] });
  };
  switchTo(stage);
  return {
    ...{ stages, figures, logger, reads, asked, values, switchTo },
    read: () => reads.read("users", ways),
    ways,
  };
}

it("asks the source alone while switched off", async () => {
  const { read, asked, figures } = setup("off");
  expect(await read()).toEqual({ value: { n: 1 }, from: "source", stale: false });
  await read();
  expect(asked).toEqual(["source", "source"]);
  expect(await figures.read("users")).toMatchObject({ calls: 2, misses: 0, hits: { redis: 0 } });
});

it("answers from the cache while switched on, and times both sides", async () => {
  const { read, asked, figures } = setup("on");
  expect((await read()).from).toBe("source");
  expect((await read()).from).toBe("redis");
  expect(asked).toEqual(["cache", "source", "cache"]);
  const seen = await figures.read("users");
  expect(seen).toMatchObject({ calls: 2, misses: 1, hits: { redis: 1, memory: 0 } });
  expect(seen.cached.p50Ms).not.toBeNull();
  expect(seen.source.p99Ms).not.toBeNull();
  expect(seen.timeSavedMs).not.toBeNull();
});

it("answers from the source in shadow, fills the cache beside it, and counts what differs", async () => {
  const { read, reads, figures, values, logger } = setup("shadow");
  expect(await read()).toMatchObject({ value: { n: 1 }, from: "source" });
  await reads.settled();
  expect(values.cache).toEqual({ n: 1 });
  await read();
  await reads.settled();
  expect(await figures.read("users")).toMatchObject({ calls: 2, compared: 1, mismatches: 0 });
  values.source = { n: 2 };
  expect(await read()).toMatchObject({ value: { n: 2 }, from: "source" });
  await reads.settled();
  expect(await figures.read("users")).toMatchObject({ compared: 2, mismatches: 1 });
  expect(logger.lines.some(({ message }) => message.includes("not what its source says"))).toBe(true);
});

it("doesn't count a difference that a change under way makes", async () => {
  const { read, reads, figures, values, ways } = setup("shadow");
  values.cache = { n: 0 };
  const plain = ways.source;
  let loads = 0;
  Object.assign(ways, {
    source: () => {
      loads += 1;
      // The invalidation arrives between the comparison and the second look.
      if (loads === 2) values.cache = { n: 1 };
      return plain();
    },
  });
  await read();
  await reads.settled();
  expect(await figures.read("users")).toMatchObject({ compared: 1, mismatches: 0 });
});

it("compares as JSON does: what a cache can't hold makes no difference", async () => {
  const { read, reads, figures, values } = setup("shadow");
  values.source = { a: undefined, b: new Date(0) };
  values.cache = { b: "1970-01-01T00:00:00.000Z" };
  await read();
  await reads.settled();
  expect(await figures.read("users")).toMatchObject({ compared: 1, mismatches: 0 });
});

it("lets a failing source through in every stage, and a failing cache only where it answers", async () => {
  const { read, reads, switchTo, values, ways, figures } = setup("shadow");
  Object.assign(ways, { cached: () => Promise.reject(new Error("cache")) });
  expect(await read()).toMatchObject({ value: { n: 1 } });
  await reads.settled();
  switchTo("on");
  await expect(read()).rejects.toThrow("cache");
  values.source = new Error("source");
  switchTo("off");
  await expect(read()).rejects.toThrow("source");
  expect(await figures.read("users")).toMatchObject({ calls: 1, failures: 1 });
});

it("starts the figures anew when the stage changes", async () => {
  const { read, switchTo, figures } = setup("on");
  await read();
  await read();
  switchTo("on");
  expect((await figures.read("users")).calls).toBe(2);
  switchTo("shadow");
  expect(await figures.read("users")).toMatchObject({
    calls: 0,
    cached: { p50Ms: null, p99Ms: null },
    timeSavedMs: null,
  });
});

it("counts nothing that the process reads for itself", async () => {
  const { reads, ways, figures, asked, switchTo } = setup("on");
  await reads.readQuietly("users", ways);
  switchTo("shadow");
  await reads.readQuietly("users", ways);
  expect(asked).toEqual(["cache", "source", "source"]);
  expect(await figures.read("users")).toMatchObject({ calls: 0, misses: 0 });
});
