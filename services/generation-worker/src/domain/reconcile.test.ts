import { createReconcile, type HeldJob, type WaitingRow } from "./reconcile";
import { createRecordedMetrics } from "./testing/recorded-metrics";
import { silentLogger as logger } from "./testing/silent-logger";

const row = (id: string): WaitingRow => ({ id, priority: 5, lastSeq: 1 });
const job = (generationId: string, isActive = false): HeldJob => ({
  jobId: `${generationId}-1`,
  generationId,
  isActive,
});

function setup(given: {
  jobs?: HeldJob[] | undefined;
  isAll?: boolean;
  forgotten?: WaitingRow[];
  stale?: string[];
}) {
  const { metrics, reconciled } = createRecordedMetrics();
  const done: string[] = [];
  const state = { isQueueWell: true, isTurn: true, isBroken: false };
  const reconcile = createReconcile({
    metrics,
    logger,
    overdueMs: 5000,
    isQueueWell: () => state.isQueueWell,
    dispatch: {
      inTurn: async (work) => (state.isTurn ? work() : undefined),
      compare(held) {
        done.push(`compare ${held.join(" ")}`);
        if (state.isBroken) return Promise.reject(new Error("away"));
        return Promise.resolve({ forgotten: given.forgotten ?? [], stale: given.stale ?? [] });
      },
    },
    queue: {
      list: () => Promise.resolve(given.jobs && { jobs: given.jobs, isAll: given.isAll ?? true }),
      add(rows) {
        done.push(`add ${rows.map(({ id }) => id).join(" ")}`);
        return Promise.resolve(rows.length);
      },
      remove(jobIds) {
        done.push(`remove ${jobIds.join(" ")}`);
        return Promise.resolve(jobIds.length);
      },
    },
  });
  return { reconcile, done, reconciled, state };
}

it("adds what waits and isn't held, and removes what is held and doesn't wait", async () => {
  const { reconcile, done, reconciled } = setup({
    jobs: [job("a"), job("b"), { ...job("a"), jobId: "a-2" }],
    forgotten: [row("c"), row("d")],
    stale: ["a"],
  });
  await reconcile();
  expect(done).toEqual(["compare a b", "add c d", "remove a-1 a-2"]);
  expect(reconciled).toEqual({ added: 2, removed: 2 });
});

it("leaves alone what a worker has", async () => {
  const { reconcile, done } = setup({ jobs: [job("a", true)], stale: ["a"] });
  await reconcile();
  expect(done).toEqual(["compare a"]);
});

it("adds nothing while it doesn't know all that is held", async () => {
  const { reconcile, done } = setup({ jobs: [job("a")], isAll: false, forgotten: [row("c")], stale: ["a"] });
  await reconcile();
  expect(done).toEqual(["compare a", "remove a-1"]);
});

it("does nothing while Redis is away, can't be asked, or another worker is at it, and never rejects", async () => {
  const { reconcile, done, state } = setup({ jobs: [job("a")] });
  state.isQueueWell = false;
  await reconcile();
  Object.assign(state, { isQueueWell: true, isTurn: false });
  await reconcile();
  await setup({ jobs: undefined }).reconcile();
  expect(done).toEqual([]);
  Object.assign(state, { isTurn: true, isBroken: true });
  await expect(reconcile()).resolves.toBeUndefined();
});
