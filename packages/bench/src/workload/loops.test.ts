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

it("lets timers have their turn soon, also when operations answer at once", async () => {
  let sinceTurn = 0;
  let most = 0;
  let isOver = false;
  const countTurn = (): void => {
    most = Math.max(most, sinceTurn);
    sinceTurn = 0;
    if (!isOver) setImmediate(countTurn);
  };
  countTurn();
  await runClosedLoop({ concurrency: 64, durationMs: 400, timed: false }, () => {
    sinceTurn += 1;
    // So slow that 2 ms are over before anybody has looked at the clock again.
    for (const until = performance.now() + 0.01; performance.now() < until;);
  });
  isOver = true;
  countTurn();
  // Each of 64 looks at the clock at every 16th operation.
  expect(most).toBeLessThan(3 * 64 * 16);
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
