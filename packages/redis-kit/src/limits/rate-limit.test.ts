import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import type { KitMetrics } from "../metrics";
import { noMetrics } from "../metrics";
import { createAbsentRole } from "../testing/memory-role";
import { createRateLimit } from "./rate-limit";
import type { RateLimitOptions } from "./rate-limit";

function createLimit(options: Partial<RateLimitOptions> = {}) {
  const parts = { role: createAbsentRole(), keys: createKeys(parseRedisConfig({})) };
  return createRateLimit({ ...parts, name: "test", points: 6, durationMs: 60_000, ...options });
}

describe("rate limit without Redis", () => {
  it("allows half of it by itself, and says so", async () => {
    const limit = createLimit();
    const decisions = [];
    for (let turn = 0; turn < 5; turn += 1) decisions.push(await limit.consume("ada"));
    expect(decisions.map(({ allowed }) => allowed)).toEqual([true, true, true, false, false]);
    expect(decisions.map(({ remaining }) => remaining)).toEqual([2, 1, 0, 0, 0]);
    expect(decisions.every(({ by, limit: points }) => by === "insurance" && points === 3)).toBe(true);
    expect(decisions[4]?.resetMs).toBeGreaterThan(0);
    expect((await limit.consume("grace")).allowed).toBe(true);
  });

  it("gives a fresh window after a reset", async () => {
    const limit = createLimit({ insurance: { points: 1 } });
    await limit.consume("ada");
    expect((await limit.consume("ada")).allowed).toBe(false);
    expect((await limit.reset("ada")).kind).toBe("unavailable");
    expect((await limit.consume("ada")).allowed).toBe(true);
  });

  it("takes no more memory for 200,000 subjects than for its counters", async () => {
    const limit = createLimit();
    const before = readHeapBytes();
    for (let turn = 0; turn < 200_000; turn += 1) await limit.consume(`subject-${turn}`);
    // 200,000 records with their timers take over 100 MB, 65,536 about a third.
    expect(readHeapBytes() - before).toBeLessThan(80_000_000);
  });

  it("counts its decisions", async () => {
    const counted: unknown[] = [];
    const metrics: KitMetrics = { ...noMetrics, count: (...figure) => counted.push(figure) };
    const limit = createLimit({ metrics, insurance: { points: 1 } });
    await limit.consume("ada");
    await limit.consume("ada");
    expect(counted).toEqual([
      ["redis_limit_decisions_total", { limit: "test", decision: "allowed", by: "insurance" }],
      ["redis_limit_decisions_total", { limit: "test", decision: "refused", by: "insurance" }],
    ]);
  });

  it.each([
    ["an insurance that allows more", { insurance: { points: 7 } }],
    ["an insurance that allows as much more often", { insurance: { points: 6, durationMs: 30_000 } }],
    ["half a second", { durationMs: 500 }],
    ["a month", { durationMs: 31 * 24 * 3600 * 1000 }],
    ["no points", { points: 0 }],
  ])("refuses %s when it is made", (_what, options) => {
    expect(() => createLimit(options)).toThrow(RangeError);
  });
});

/** What is in use once the garbage is gone. */
function readHeapBytes(): number {
  setFlagsFromString("--expose-gc");
  (runInNewContext("gc") as () => void)();
  return process.memoryUsage().heapUsed;
}
