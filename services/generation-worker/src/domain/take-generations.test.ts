import { createKeepLeases } from "./keep-leases";
import { createKnownClaims } from "./known-claims";
import { defaultTimes } from "./limits";
import type { ClaimedGeneration, RunOutcome } from "./ports";
import { createRunningGenerations } from "./running-generations";
import { createSlots } from "./slots";
import { createSweepLeases } from "./sweep-leases";
import { createTakeGenerations } from "./take-generations";
import { createMemoryClaims } from "./testing/memory-claims";
import { createRecordedMetrics } from "./testing/recorded-metrics";
import { silentLogger as logger } from "./testing/silent-logger";
import { until } from "./testing/until";

const never = new AbortController().signal;
const settle = () => new Promise((resolve) => setTimeout(resolve, 20));

function createWorld({ slots: count = 2, isQueueWell = true, overdueMs = 5000 } = {}) {
  const claims = createMemoryClaims();
  const { metrics, claims: claimedFrom } = createRecordedMetrics();
  const running = createRunningGenerations();
  const ends = new Map<string, () => void>();
  const started: string[] = [];
  /** A run that lasts until the test ends it, or until it is stopped. */
  const runGeneration = async (claimed: ClaimedGeneration): Promise<RunOutcome> => {
    const run = running.start(claimed);
    started.push(claimed.id);
    await new Promise<void>((resolve) => {
      ends.set(claimed.id, resolve);
      run.signal.addEventListener("abort", () => {
        resolve();
      });
    });
    running.end(run);
    if (!run.signal.aborted) return "completed";
    await claims.store.handBack(claimed);
    return "handed-back";
  };
  const slots = createSlots(count);
  const times = { ...defaultTimes, overdueMs };
  const state = { isQueueWell, nowMs: 0 };
  const known = createKnownClaims(6000, () => state.nowMs);
  const take = createTakeGenerations({
    known,
    claims: claims.store,
    runGeneration,
    running,
    slots,
    metrics,
    logger,
    times,
    isQueueWell: () => state.isQueueWell,
    clock: () => state.nowMs,
  });
  return { claims, take, slots, ends, started, claimedFrom, running, state, known };
}

describe("take generations", () => {
  it("remembers its last look at the rows, also one that failed or for which no slot was free", async () => {
    const world = createWorld({ slots: 1, isQueueWell: false });
    const lookAt = async (nowMs: number) => {
      world.state.nowMs = nowMs;
      await world.take.lookForRows();
      return world.take.lookedAt();
    };
    expect(world.take.lookedAt()).toBe(0);
    expect(await lookAt(1000)).toBe(1000);
    world.claims.fault.away = true;
    expect(await lookAt(2000)).toBe(2000);
    world.claims.fault.away = false;
    world.claims.submit("a");
    expect(await lookAt(3000)).toBe(3000);
    expect(world.slots.free()).toBe(0);
    expect(await lookAt(4000)).toBe(4000);
    await world.take.stop();
  });

  it("never runs more than its slots, whichever way the work comes in", async () => {
    const world = createWorld({ isQueueWell: false });
    for (const id of ["a", "b", "c", "d"]) world.claims.submit(id);
    const delivery = world.take.deliver("a", never);
    await until(() => world.started.length === 1);
    await world.take.lookForRows();
    const waiting = world.take.deliver("d", never);
    await settle();
    expect(world.started).toEqual(["a", "b"]);
    world.ends.get("a")?.();
    await delivery;
    await until(() => world.started.length === 3);
    expect(world.started).toEqual(["a", "b", "d"]);
    world.ends.get("b")?.();
    await until(() => world.started.includes("c"));
    await world.take.stop();
    await waiting;
    expect(world.slots.free()).toBe(2);
  });

  it("drops a delivery whose row somebody else has", async () => {
    const world = createWorld();
    world.claims.submit("a").status = "running";
    await world.take.deliver("a", never);
    expect(world.started).toEqual([]);
    expect(world.slots.free()).toBe(2);
  });

  it("leaves young rows to the queue while it is well, and takes what it forgot", async () => {
    const world = createWorld({ overdueMs: 50 });
    world.claims.submit("a");
    await world.take.lookForRows();
    expect(world.started).toEqual([]);
    await new Promise((resolve) => setTimeout(resolve, 60));
    await world.take.lookForRows();
    expect(world.started).toEqual(["a"]);
    await world.take.stop();
  });

  it("takes a row at once when somebody says that it waits", async () => {
    const world = createWorld({ slots: 1 });
    world.claims.submit("a");
    world.claims.submit("b");
    await world.take.offer("a");
    await world.take.offer("b");
    expect(world.started).toEqual(["a"]);
    expect(world.claimedFrom).toEqual(["rows"]);
    await world.take.stop();
  });

  it("hands every run back when it stops, and takes nothing more", async () => {
    const world = createWorld({ isQueueWell: false });
    const rows = ["a", "b", "c"].map((id) => world.claims.submit(id));
    await world.take.lookForRows();
    const refused = expect(world.take.deliver("c", never)).rejects.toThrow("stopped");
    await world.take.stop();
    await refused;
    await world.take.lookForRows();
    await world.take.offer("c");
    expect(rows.map(({ status, attempt }) => [status, attempt])).toEqual([
      ["queued", 0],
      ["queued", 0],
      ["queued", 0],
    ]);
  });

  it("hands a row back that was claimed while the stop began", async () => {
    const world = createWorld();
    const row = world.claims.submit("a");
    const offered = world.take.offer("a");
    await world.take.stop();
    await offered;
    await until(() => row.status === "queued" && row.attempt === 0);
    expect(world.started).toEqual(["a"]);
  });

  it("waits for a claim that is under way when it stops, so that the row goes back while the store is open", async () => {
    const world = createWorld();
    const row = world.claims.submit("a");
    const { claim } = world.claims.store;
    world.claims.store.claim = async (id) => {
      const claimed = await claim(id);
      await settle();
      return claimed;
    };
    void world.take.offer("a");
    await until(() => row.status === "running");
    await world.take.stop();
    expect(row).toMatchObject({ status: "queued", attempt: 0 });
    expect(world.slots.free()).toBe(2);
  });

  it("waits in the same way for the claim of a delivery", async () => {
    const world = createWorld();
    const row = world.claims.submit("a");
    const { claim } = world.claims.store;
    world.claims.store.claim = async (id) => {
      const claimed = await claim(id);
      await settle();
      return claimed;
    };
    void world.take.deliver("a", never);
    await until(() => row.status === "running");
    await world.take.stop();
    expect(row).toMatchObject({ status: "queued", attempt: 0 });
  });

  it("hands the new run of a row back, not only the one that this process has lost", async () => {
    const world = createWorld();
    const row = world.claims.submit("a");
    const lost = world.running.start((await world.claims.store.claim("a"))!);
    row.status = "queued";
    row.attempt = 0;
    const offered = world.take.offer("a");
    await world.take.stop();
    await offered;
    expect(row).toMatchObject({ status: "queued", attempt: 0 });
    world.running.end(lost);
  });

  it.each(["queue", "rows"] as const)(
    "looks at the rows when a run from the %s has ended: its user's next may start now",
    async (from) => {
      const world = createWorld({ slots: 2 });
      world.claims.submit("a");
      const delivery = from === "queue" ? world.take.deliver("a", never) : world.take.offer("a");
      await until(() => world.started.includes("a"));
      // Refused while "a" ran: the queue won't bring it again.
      world.claims.submit("b").claimToken = 1;
      world.ends.get("a")?.();
      await until(() => world.started.includes("b"));
      await delivery;
      await world.take.stop();
    },
  );

  it("survives a store that is away, and gives the slot back", async () => {
    const world = createWorld({ isQueueWell: false });
    world.claims.submit("a");
    world.claims.fault.away = true;
    await world.take.lookForRows();
    await expect(world.take.deliver("a", never)).rejects.toThrow("Postgres");
    expect(world.slots.free()).toBe(2);
  });
});

describe("keep leases", () => {
  it("renews all runs in one statement and stops those that are no longer held", async () => {
    const claims = createMemoryClaims();
    const running = createRunningGenerations();
    const keepLeases = createKeepLeases({ claims: claims.store, running, logger });
    const runs = [];
    for (const id of ["a", "b"]) {
      claims.submit(id);
      const claimed = await claims.store.claim(id);
      runs.push(running.start(claimed!));
    }
    claims.cancel("b");
    await keepLeases();
    expect(runs.map(({ signal }) => signal.aborted)).toEqual([false, true]);
    expect(claims.statements.filter((name) => name === "heartbeat")).toHaveLength(1);
  });

  it("answers calls that come during a beat with one more, and survives a lost one", async () => {
    const claims = createMemoryClaims();
    const running = createRunningGenerations();
    const keepLeases = createKeepLeases({ claims: claims.store, running, logger });
    claims.submit("a");
    const run = running.start((await claims.store.claim("a"))!);
    claims.fault.away = true;
    await Promise.all([keepLeases(), keepLeases(), keepLeases()]);
    expect(claims.statements.filter((name) => name === "heartbeat")).toHaveLength(2);
    expect(run.signal.aborted).toBe(false);
  });
});

describe("sweep leases", () => {
  it("queues again what a dead worker held, tells everybody, and fails it at the third death", async () => {
    const claims = createMemoryClaims({ leaseMs: 1 });
    const { metrics } = createRecordedMetrics();
    const queued: string[] = [];
    const failed: string[] = [];
    const news = {
      queued: (id: string) => void queued.push(id),
      logGrew: ({ generationId }: { generationId: string }) => void failed.push(generationId),
    };
    const sweepLeases = createSweepLeases({ claims: claims.store, news, metrics, logger });
    const row = claims.submit("a");
    for (let death = 1; death <= 3; death += 1) {
      await claims.store.claim("a");
      await settle();
      await sweepLeases();
    }
    expect(queued).toEqual(["a", "a"]);
    expect(failed).toEqual(["a"]);
    expect(row).toMatchObject({ status: "failed", attempt: 3 });
  });
});
