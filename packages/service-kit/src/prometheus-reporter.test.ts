import { redisMetrics } from "@vibe-friend/redis-kit/metrics";
import type { KitMetrics } from "@vibe-friend/redis-kit/metrics";
import { createMetrics } from "./metrics";

const catalogue = {
  reads_total: { type: "counter", help: "Reads", labels: ["tier"] },
  open_rows: { type: "gauge", help: "Open rows", labels: [] },
  wait_seconds: { type: "histogram", help: "Waits", labels: ["outcome"], buckets: [0.1, 1] },
} as const;

it("shows what a library reports, each as its type, with the library's buckets", async () => {
  const metrics = createMetrics("test");
  const reporter = metrics.reporterFor(catalogue);
  reporter.count("reads_total", { tier: "memory" });
  reporter.count("reads_total", { tier: "memory" }, 4);
  reporter.set("open_rows", {}, 3);
  reporter.observe("wait_seconds", { outcome: "value" }, 0.5);
  const text = await metrics.registry.metrics();
  expect(text).toContain('reads_total{tier="memory",service="test"} 5');
  expect(text).toContain('open_rows{service="test"} 3');
  expect(text).toContain('wait_seconds_bucket{le="0.1",service="test",outcome="value"} 0');
  expect(text).toContain('wait_seconds_bucket{le="1",service="test",outcome="value"} 1');
});

it("gives one catalogue one reporter, however often it is asked", () => {
  const metrics = createMetrics("test");
  expect(metrics.reporterFor(catalogue)).toBe(metrics.reporterFor(catalogue));
});

it("compiles only with names, types and labels of the catalogue", () => {
  const reporter = createMetrics("test").reporterFor(catalogue);
  const wrong = () => {
    // @ts-expect-error no such name
    reporter.count("writes_total", {});
    // @ts-expect-error a gauge is not counted
    reporter.count("open_rows", {});
    // @ts-expect-error no such label
    reporter.count("reads_total", { level: "memory" });
    // @ts-expect-error a label is missing
    reporter.count("reads_total", {});
  };
  expect(wrong).toBeDefined();
});

it("takes all that redis-kit reports", async () => {
  const metrics = createMetrics("test");
  const reporter: KitMetrics = metrics.reporterFor(redisMetrics);
  reporter.count("redis_bus_gaps_total", { way: "redis" });
  reporter.observe(
    "redis_operation_duration_seconds",
    { role: "cache", operation: "cache.get", outcome: "ok" },
    0.002,
  );
  const text = await metrics.registry.metrics();
  for (const name of Object.keys(redisMetrics)) expect(text).toContain(`# HELP ${name} `);
  expect(text).toContain('redis_bus_gaps_total{way="redis",service="test"} 1');
});
