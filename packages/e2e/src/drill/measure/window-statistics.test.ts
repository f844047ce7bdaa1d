import type { Sample } from "./samples";
import { SampleLog } from "./samples";
import { findCalmMs, quantile, summarizeWindow } from "./window-statistics";

const sampleOf = (dueAt: number, change: Partial<Sample> = {}): Sample => ({
  kind: "session",
  dueAt,
  latencyMs: 10,
  outcome: "ok",
  retried: false,
  ...change,
});

it("takes quantiles by nearest rank, and none of nothing", () => {
  const sorted = Array.from({ length: 100 }, (_, index) => index + 1);
  expect([quantile(sorted, 0.5), quantile(sorted, 0.99), quantile(sorted, 1)]).toEqual([50, 99, 100]);
  expect(quantile([7], 0.99)).toBe(7);
  expect(quantile([], 0.99)).toBeNull();
});

it("keeps what failed fast out of the latencies, and counts what was shed apart from errors", () => {
  const samples = [
    sampleOf(0, { latencyMs: 40 }),
    sampleOf(1, { latencyMs: 60, retried: true }),
    sampleOf(2, { outcome: "shed", latencyMs: 1, reason: "HTTP 503 unavailable" }),
    sampleOf(3, { outcome: "error", latencyMs: 0, reason: "ECONNREFUSED" }),
    sampleOf(4, { outcome: "error", latencyMs: 0, reason: "ECONNREFUSED" }),
  ];
  expect(summarizeWindow(samples, { from: 0, to: 2_000 })).toEqual({
    seconds: 2,
    requests: 5,
    ok: 2,
    shed: 1,
    errors: 2,
    retried: 1,
    p50Ms: 40,
    p99Ms: 60,
    maxMs: 60,
    shedP99Ms: 1,
    reasons: { "HTTP 503 unavailable": 1, ECONNREFUSED: 2 },
  });
});

it("gives a request to the window in which it was due, not to that of its answer", () => {
  const log = new SampleLog();
  log.add(sampleOf(100, { latencyMs: 5_000 }));
  log.add(sampleOf(200));
  expect(log.within({ from: 0, to: 200 })).toHaveLength(1);
  log.forgetBefore(150);
  expect(log.within({ from: 0, to: 1_000 })).toHaveLength(1);
});

describe("The time until answers are good again", () => {
  const every = (change: (at: number) => Partial<Sample>): Sample[] =>
    Array.from({ length: 600 }, (_, index) => sampleOf(index * 10, change(index * 10)));
  const question = { healedAt: 0, until: 6_000, thresholdMs: 100 };

  it("is nothing when nobody felt anything", () => {
    expect(
      findCalmMs(
        every(() => ({})),
        question,
      ),
    ).toBe(0);
  });

  it("ends with the last slow or failed answer", () => {
    const slow = every((at) => (at < 2_000 ? { latencyMs: 400 } : {}));
    expect(findCalmMs(slow, question)).toBe(2_000);
    const failed = every((at) => (at < 1_000 ? { outcome: "error" } : {}));
    expect(findCalmMs(failed, question)).toBe(1_000);
  });

  it("is unknown when it lasts to the end, or nobody asked anything", () => {
    expect(
      findCalmMs(
        every(() => ({ latencyMs: 400 })),
        question,
      ),
    ).toBeNull();
    expect(findCalmMs([], question)).toBeNull();
  });
});
