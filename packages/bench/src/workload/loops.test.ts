import { runClosedLoop } from "./closed-loop";
import { startOpenLoop } from "./open-loop";

it("keeps as many operations under way as there are callers, never more", async () => {
  let running = 0;
  let most = 0;
  const result = await runClosedLoop({ concurrency: 4, durationMs: 60, timed: true }, async () => {
    running += 1;
    most = Math.max(most, running);
    await new Promise((resolve) => setTimeout(resolve, 2));
    running -= 1;
  });
  expect(most).toBe(4);
  expect(result.operationsPerSecond).toBeGreaterThan(0);
  expect(result.latency?.p50Ms).toBeGreaterThan(1);
});

it("ends also when operations answer at once, and times nothing unless asked", async () => {
  const result = await runClosedLoop({ concurrency: 2, durationMs: 30, timed: false }, () => undefined);
  expect(result.operationsPerSecond).toBeGreaterThan(1000);
  expect(result.latency).toBeUndefined();
});

it("lets timers have their turn every few milliseconds, also when operations answer at once", async () => {
  let ticks = 0;
  const timer = setInterval(() => {
    ticks += 1;
  }, 1);
  await runClosedLoop({ concurrency: 64, durationMs: 100, timed: false }, () => undefined);
  clearInterval(timer);
  // About 33 on a machine of its own; a handful where callers pause one by one.
  expect(ticks).toBeGreaterThan(10);
});

it("tells what an operation threw", async () => {
  const failing = runClosedLoop({ concurrency: 2, durationMs: 30, timed: false }, () =>
    Promise.reject(new Error("wrong value")),
  );
  await expect(failing).rejects.toThrow("wrong value");
});

it("goes on starting operations while earlier ones hang, and tells which never answered", async () => {
  const loop = startOpenLoop(500, (turn) => {
    if (turn === 0) return new Promise<string>(() => undefined);
    return turn === 1 ? Promise.reject(new Error("refused")) : Promise.resolve("ok");
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  const samples = await loop.stop(10);
  expect(samples.length).toBeGreaterThan(10);
  expect(samples.filter((sample) => sample.outcome === "unanswered")).toHaveLength(1);
  expect(samples.filter((sample) => sample.outcome === "error")).toHaveLength(1);
});
