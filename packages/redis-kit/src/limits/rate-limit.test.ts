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

  it("keeps no counter for each of 80,000 subjects, but lets them share 65,536", async () => {
    const limit = createLimit({ insurance: { points: 1 } });
    let allowed = 0;
    for (let turn = 0; turn < 80_000; turn += 1) {
      if ((await limit.consume(`subject-${turn}`)).allowed) allowed += 1;
    }
    // One point for each counter: with a record for every subject all 80,000 would be allowed.
    expect(allowed).toBeLessThanOrEqual(65_536);
    // A good hash reaches 1 - e^(-80,000 / 65,536) of the counters, 46,200.
    expect(allowed).toBeGreaterThan(45_000);
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
