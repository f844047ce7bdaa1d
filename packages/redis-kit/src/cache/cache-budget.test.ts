import { z } from "zod";
import type { Bus } from "../bus/bus";
import { parseRedisConfig } from "../config";
import { currentRedisBudget, withRedisBudget } from "../degradation/budget";
import { createKeys } from "../keys";
import { createMemoryRole } from "../testing/memory-role";
import type { MemoryRole } from "../testing/memory-role";
import { eventually } from "../testing/redis-faults";
import { createCache } from "./cache";

const keys = createKeys(parseRedisConfig({}));
const schema = z.number();
const patientMs = 10_000;

let role: MemoryRole;
beforeEach(() => {
  role = createMemoryRole({ role: "cache" });
});
afterEach(() => role.close());

it("answers one request from Redis while the other one of the same read has no time left", async () => {
  const cache = createCache({ role, keys, ttlMs: 60_000 });
  await cache.set("a", 1);
  await cache.set("b", 2);
  const load = jest.fn(() => Promise.resolve(0));
  const source = { schema, load };
  const [hurried, patient] = await Promise.all([
    withRedisBudget(0, () => cache.get("a", schema)),
    withRedisBudget(patientMs, () => cache.getOrLoad("b", source)),
  ]);
  expect(patient).toMatchObject({ kind: "ok", value: 2, from: "redis" });
  expect(load).not.toHaveBeenCalled();
  expect(["ok", "unavailable"]).toContain(hurried.kind);
  await cache.close();
});

it("refreshes behind an answer without the budget of the request that saw the need", async () => {
  let nowMs = Date.now();
  const cache = createCache({ role, keys, ttlMs: 60_000, clock: () => nowMs });
  let n = 0;
  const budgets: unknown[] = [];
  const source = {
    schema,
    ttlMs: 1000,
    staleWhileRevalidateMs: 60_000,
    load: () => {
      budgets.push(currentRedisBudget());
      n += 1;
      return Promise.resolve(n);
    },
  };
  await cache.getOrLoad("a", source);
  nowMs += 2000;
  expect(await withRedisBudget(patientMs, () => cache.getOrLoad("a", source))).toMatchObject({ stale: true });
  await eventually(
    "it is stored anew",
    () => role.server.peek(keys.cache("a"))?.includes('"v":2') === true,
    3000,
  );
  expect(budgets).toEqual([undefined, undefined]);
  await cache.close();
});

it("walks through all keys for a prefix, whatever is left of the request's budget", async () => {
  const cache = createCache({ role, keys, ttlMs: 60_000 });
  await cache.set("users:1", 1);
  expect(await withRedisBudget(0, () => cache.invalidate({ prefixes: ["users:"] }))).toMatchObject({
    kind: "ok",
  });
  expect(role.server.keys()).toEqual([]);
  await cache.close();
});

it("tells other processes without the budget of the request that invalidates", async () => {
  const told: unknown[] = [];
  const bus: Bus = {
    publish: () => {
      told.push(currentRedisBudget());
      return Promise.resolve();
    },
    subscribe: () => Promise.resolve(() => undefined),
    onGap: () => () => undefined,
    close: () => Promise.resolve(),
  };
  const cache = createCache({ role, keys, ttlMs: 60_000, bus });
  await withRedisBudget(patientMs, async () => {
    await cache.invalidate({ keys: ["a"] });
    // Gathered, and sent by a timer that this request has set.
    await cache.invalidate({ keys: ["b"] });
  });
  await eventually("both were told", () => told.length === 2, 3000);
  expect(told).toEqual([undefined, undefined]);
  await cache.close();
});
