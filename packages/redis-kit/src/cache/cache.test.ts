import { z } from "zod";
import { parseRedisConfig } from "../config";
import { createBlindTrust } from "../journal/trust";
import { createKeys } from "../keys";
import { cacheBehaviour } from "../testing/cache-behaviour";
import { createMemoryRole } from "../testing/memory-role";
import { createMemoryFaults, eventually } from "../testing/redis-faults";
import { createCache } from "./cache";

cacheBehaviour("the double", () => {
  const role = createMemoryRole({ role: "cache" });
  const otherRole = createMemoryRole({ role: "cache", server: role.server });
  return Promise.resolve({
    role,
    otherRole,
    faults: createMemoryFaults(role.server),
    async close() {
      await Promise.all([role.close(), otherRole.close()]);
    },
  });
});

it("does not believe a recovering Redis: what was deleted meanwhile may not have reached it", async () => {
  const role = createMemoryRole({ role: "cache" });
  const cache = createCache({ role, keys: createKeys(parseRedisConfig({})), ttlMs: 60_000 });
  await cache.set("a", 1);
  role.server.become("down");
  await eventually("degraded", () => role.health.status().mode === "degraded", 3000);
  role.server.become("up");
  await eventually("recovering", () => role.health.status().mode === "recovering", 3000);
  const source = { schema: z.number(), load: () => Promise.resolve(2) };
  expect(await cache.getOrLoad("a", source)).toMatchObject({ kind: "degraded", value: 2, from: "source" });
  expect(await cache.get("a", z.number())).toEqual({ kind: "ok", value: undefined });
  await role.close();
});

it("says that Redis is away, also where a journal would forbid to believe it", async () => {
  const role = createMemoryRole({ role: "cache" });
  const trust = { ...createBlindTrust(role), verdict: () => ({ kind: "untrusted" }) as const };
  const cache = createCache({ role, keys: createKeys(parseRedisConfig({})), ttlMs: 60_000, trust });
  const source = { schema: z.number(), load: () => Promise.resolve(2) };
  expect(await cache.get("a", z.number())).toEqual({ kind: "ok", value: undefined });
  expect(await cache.getOrLoad("a", source)).toMatchObject({ kind: "degraded", fault: { code: "failed" } });
  role.server.become("down");
  await eventually("degraded", () => role.health.status().mode === "degraded", 3000);
  const fault = { code: "unreachable", retryable: true };
  expect(await cache.get("a", z.number())).toMatchObject({ kind: "unavailable", fault });
  expect(await cache.getOrLoad("a", source)).toMatchObject({ kind: "degraded", value: 2, fault });
  await role.close();
});
