import type { KitMetrics } from "../metrics";
import { createMemoryRole } from "../testing/memory-role";
import { eventually } from "../testing/redis-faults";

it("shows mode and breaker, counts changes and times every operation", async () => {
  const gauges = new Map<string, number>();
  const counted: string[] = [];
  const timed: string[] = [];
  const metrics: KitMetrics = {
    count: (name, labels) => counted.push(`${name} ${Object.values(labels).join(" ")}`),
    set: (name, labels, value) => gauges.set(`${name} ${Object.values(labels).join(" ")}`, value),
    observe: (name, labels, seconds) => {
      expect(seconds).toBeGreaterThanOrEqual(0);
      timed.push(`${name} ${Object.values(labels).join(" ")}`);
    },
  };
  const role = createMemoryRole({ metrics });
  const get = () => role.guard.run("test.get", "a", (redis) => redis.get("a"));
  expect([gauges.get("redis_role_mode state normal"), gauges.get("redis_breaker_open state")]).toEqual([
    1, 0,
  ]);
  await get();
  role.server.become("down");
  for (let call = 0; call < 4; call += 1) await get();
  expect([gauges.get("redis_role_mode state degraded"), gauges.get("redis_breaker_open state")]).toEqual([
    1, 1,
  ]);
  role.server.become("up");
  await eventually("normal", () => role.health.status().mode === "normal");
  expect([gauges.get("redis_role_mode state normal"), gauges.get("redis_breaker_open state")]).toEqual([
    1, 0,
  ]);
  expect(gauges.get("redis_role_mode state degraded")).toBe(0);
  expect(counted.filter((line) => line.startsWith("redis_role"))).toEqual([
    "redis_role_transitions_total state degraded unreachable",
    "redis_role_transitions_total state recovering unreachable",
    "redis_role_transitions_total state normal none",
  ]);
  expect(counted).toContain("redis_breaker_opened_total state unreachable");
  expect(new Set(timed)).toEqual(
    new Set(
      ["ok", "unreachable", "breaker-open"].map(
        (outcome) => `redis_operation_duration_seconds state test.get ${outcome}`,
      ),
    ),
  );
  await role.close();
});
