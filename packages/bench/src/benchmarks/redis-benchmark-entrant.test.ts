import { parseToolOutput } from "./redis-benchmark-entrant";

it("reads rate and latencies of a GET", () => {
  const csv = [
    '"test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"',
    '"GET","98039.22","0.412","0.096","0.407","0.559","0.759","1.207"',
  ].join("\n");
  expect(parseToolOutput(csv)).toEqual({ operationsPerSecond: 98039.22, p50Ms: 0.407, p99Ms: 0.759 });
  expect(() => parseToolOutput("ERR no auth")).toThrow("redis-benchmark printed");
});
