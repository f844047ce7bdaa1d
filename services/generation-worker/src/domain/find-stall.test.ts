import { createFindStall } from "./find-stall";

function createWorker() {
  const state = { nowMs: 0, lookedAt: 0, isConsuming: true, isQueueWell: true };
  const findStall = createFindStall({
    lookedAt: () => state.lookedAt,
    isConsuming: () => state.isConsuming,
    isQueueWell: () => state.isQueueWell,
    clock: () => state.nowMs,
  });
  /** Asks every 5 s, as a supervisor does. */
  const pass = (seconds: number, looks: boolean) => {
    const answers = new Set<string | undefined>();
    for (let second = 0; second < seconds; second += 5) {
      state.nowMs += 5000;
      if (looks) state.lookedAt = state.nowMs;
      answers.add(findStall());
    }
    return [...answers];
  };
  return { state, findStall, pass };
}

describe("a worker", () => {
  it("is well while it looks at the rows and asks the queue", () => {
    expect(createWorker().pass(300, true)).toEqual([undefined]);
  });

  it("is stuck when it has not looked at the rows for half a minute, whatever the queue does", () => {
    const { state, findStall, pass } = createWorker();
    expect(pass(30, false)).toEqual([undefined]);
    expect(pass(5, false)).toEqual([expect.stringContaining("rows")]);
    state.lookedAt = state.nowMs;
    expect(findStall()).toBeUndefined();
  });

  it("is stuck when Redis has been well for half a minute and the queue is not asked", () => {
    const { state, findStall, pass } = createWorker();
    state.isConsuming = false;
    expect(pass(30, true)).toEqual([undefined]);
    expect(pass(10, true)).toContainEqual(expect.stringContaining("queue"));
    state.isConsuming = true;
    expect(findStall()).toBeUndefined();
  });

  it("is not stuck without Redis, for as long as it looks at the rows", () => {
    const { state, pass } = createWorker();
    state.isConsuming = false;
    state.isQueueWell = false;
    expect(pass(3600, true)).toEqual([undefined]);
    // Back again, the queue gets its time to be asked.
    state.isQueueWell = true;
    expect(pass(30, true)).toEqual([undefined]);
    state.isConsuming = true;
    expect(pass(300, true)).toEqual([undefined]);
  });
});
