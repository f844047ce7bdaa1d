import { z } from "zod";
import { parseRedisConfig } from "../config";
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
