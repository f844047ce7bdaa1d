import { createQueueRoom } from "./queue-room";

function setup(maxQueued: number) {
  const state = { queued: 0, counts: 0, nowMs: 0 };
  const countQueued = (most: number) => {
    state.counts += 1;
    return Promise.resolve(Math.min(most, state.queued));
  };
  return { state, takeRoom: createQueueRoom({ countQueued, maxQueued, clock: () => state.nowMs }) };
}

it("counts once for all that come together, and lets no more in than there is room for", async () => {
  const { state, takeRoom } = setup(10);
  state.queued = 7;
  const answers = await Promise.allSettled(Array.from({ length: 20 }, takeRoom));
  expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(3);
  expect(state.counts).toBe(1);
  await expect(takeRoom()).rejects.toMatchObject({ code: "unavailable", details: { retryAfterSeconds: 10 } });
});

it("looks again after a quarter of a second", async () => {
  const { state, takeRoom } = setup(1);
  state.queued = 1;
  await expect(takeRoom()).rejects.toThrow();
  state.queued = 0;
  await expect(takeRoom()).rejects.toThrow();
  state.nowMs = 250;
  await expect(takeRoom()).resolves.toBeUndefined();
});

it("never counts where there is no limit", async () => {
  const { state, takeRoom } = setup(0);
  await takeRoom();
  expect(state.counts).toBe(0);
});
