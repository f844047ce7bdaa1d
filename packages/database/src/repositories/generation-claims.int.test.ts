import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { setTimeout as sleep } from "node:timers/promises";
import { DatabaseUnavailable } from "../errors";
import { newGeneration, prepareTestSchema, type TestSchema } from "../testing/test-schema";
import type { ClaimedGeneration, ClaimOptions, GenerationHold } from "./claim-records";
import { createGenerationClaims } from "./generation-claims";
import { createGenerations, type Generations } from "./generations";
import { sweepRuns } from "./sweep-runs";

let schema: TestSchema;
let generations: Generations;
let userId: string;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
});
afterAll(() => schema.drop());
beforeEach(async () => {
  await schema.database.query("delete from generations");
  userId = await schema.addUser();
});

function claims(options: Partial<ClaimOptions> = {}) {
  return createGenerationClaims(schema.database, {
    workerId: "w",
    leaseMs: 6000,
    maxAttempts: 3,
    ...options,
  });
}

async function submit(given: Parameters<typeof newGeneration>[1] = {}): Promise<string> {
  return (await generations.submit(newGeneration(userId, given))).generation.id;
}

async function run(options?: Partial<ClaimOptions>): Promise<ClaimedGeneration> {
  const claimed = await claims(options).claim(await submit());
  return claimed!;
}

const log = (message: string): GenerationEventBody => ({ type: "log", level: "info", message });
const problem = { code: "engine_failed", title: "The engine failed" };

async function readLog(id: string): Promise<string[]> {
  const events = await generations.events(id, 0, 10_000);
  expect(events.map((event) => event.seq)).toEqual(events.map((_, index) => index + 1));
  return events.map((event) => event.type);
}

describe("claiming", () => {
  it("gives 200 rows to 20 claimers at once, each row once, by priority, then age", async () => {
    const expected = new Map<number, string[]>([1, 5, 9].map((priority) => [priority, []]));
    for (let i = 0; i < 200; i += 1) {
      const priority = [5, 9, 1][i % 3]!;
      expected.get(priority)!.push(await submit({ priority }));
    }
    const claimed: ClaimedGeneration[] = [];
    await Promise.all(
      Array.from({ length: 20 }, async (_, index) => {
        const worker = claims({ workerId: `w${index}` });
        for (let next = await worker.claimNext(); next; next = await worker.claimNext()) claimed.push(next);
      }),
    );
    expect(new Set(claimed.map((one) => one.id)).size).toBe(200);
    expect(claimed).toHaveLength(200);
    // Claimers run side by side, so neighbours may swap; none may be ahead by more than their number.
    const order = [...expected.values()].flat();
    const ahead = claimed.map((one, index) => Math.abs(order.indexOf(one.id) - index));
    expect(Math.max(...ahead)).toBeLessThanOrEqual(20);
  });

  it("sends no claimer away while rows are waiting", async () => {
    for (let i = 0; i < 10; i += 1) await submit();
    const answers = await Promise.all(Array.from({ length: 10 }, () => claims().claimNext()));
    expect(new Set(answers.map((answer) => answer?.id)).size).toBe(10);
    expect(answers).not.toContain(undefined);
  });

  it("takes them one after the other exactly by priority, then age", async () => {
    const [late, first, second] = [await submit({ priority: 9 }), await submit(), await submit()];
    const order = [await claims().claimNext(), await claims().claimNext(), await claims().claimNext()];
    expect(order.map((one) => one?.id)).toEqual([first, second, late]);
    expect(await claims().claimNext()).toBeUndefined();
  });

  it("leaves young rows to the queue when asked to, but not those that it won't bring again", async () => {
    const back = await run();
    await submit({ priority: 1 });
    await claims().handBack(back);
    expect(await claims().claimNext({ queuedForMs: 60_000 })).toMatchObject({ id: back.id });
    expect(await claims().claimNext({ queuedForMs: 60_000 })).toBeUndefined();
    expect(await claims({ maxRunningPerUser: 9 }).claimNext({ queuedForMs: 60_000 })).toBeUndefined();
    expect(await claims().claimNext({ queuedForMs: 0 })).toMatchObject({ priority: 1 });
  });

  it("gives one row to one of many that ask for it", async () => {
    const id = await submit();
    const answers = await Promise.all(Array.from({ length: 20 }, () => claims().claim(id)));
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
  });

  it("never runs more of one user than allowed, and goes on with others", async () => {
    for (let i = 0; i < 10; i += 1) await submit({ priority: 1 });
    userId = await schema.addUser();
    const others = await submit({ priority: 9 });
    const worker = claims({ maxRunningPerUser: 3 });
    const claimed = (await Promise.all(Array.from({ length: 20 }, () => worker.claimNext()))).filter(
      (one) => one !== undefined,
    );
    expect(claimed).toHaveLength(4);
    expect(claimed.map((one) => one.id)).toContain(others);
    expect(await worker.claimNext()).toBeUndefined();
    const busy = claimed.find((one) => one.userId !== userId)!;
    await worker.complete(busy, { files: [], events: [] });
    expect(await worker.claimNext()).toMatchObject({ userId: busy.userId });
  });

  it("applies the limit to a row that is asked for by id", async () => {
    const [first, second] = [await submit(), await submit()];
    const worker = claims({ maxRunningPerUser: 1 });
    expect(await worker.claim(first)).toMatchObject({ id: first, attempt: 1 });
    expect(await worker.claim(second)).toBeUndefined();
  });
});

describe("leases", () => {
  it("keep a run whose worker renews, and hand one that doesn't to another", async () => {
    const options = { leaseMs: 400 };
    await waitUntilPostgresIsOlderThan(400);
    const [alive, dead] = [await run(options), await run(options)];
    const worker = claims(options);
    const until = Date.now() + 1000;
    const requeued: string[] = [];
    while (Date.now() < until) {
      expect(await worker.heartbeat([alive])).toEqual([{ id: alive.id, claimToken: alive.claimToken }]);
      requeued.push(...(await worker.sweep()).requeued.map((one) => one.id));
      await sleep(100);
    }
    expect(requeued).toEqual([dead.id]);
    expect(await worker.heartbeat([alive, dead])).toHaveLength(1);
    expect(await worker.claim(dead.id)).toMatchObject({ attempt: 2 });
  });

  it("fence a worker that comes back: its events, files and status change nothing and it is told", async () => {
    const late = await run({ leaseMs: 1 });
    await waitUntilPostgresIsOlderThan(1);
    await sleep(10);
    expect((await claims({ leaseMs: 1 }).sweep()).requeued).toEqual([{ id: late.id, priority: 5 }]);
    const successor = await claims().claim(late.id);
    await expectFenced(late);
    expect(await readLog(late.id)).toEqual(["queued"]);
    expect(await generations.find(userId, late.id)).toMatchObject({ status: "running", attempt: 2 });
    expect(await claims().complete(successor!, { files: [], events: [] })).toBeDefined();
    await expectFenced(late);
    expect(await readLog(late.id)).toEqual(["queued", "completed"]);
  });

  it("fence a late worker also while nobody else runs it yet", async () => {
    const late = await run({ leaseMs: 1 });
    await sleep(10);
    await claims({ leaseMs: 1 }).sweep();
    await expectFenced(late);
    expect(await generations.find(userId, late.id)).toMatchObject({ status: "queued", lastSeq: 1 });
  });

  it("end as worker_lost when the last attempt's worker died", async () => {
    const id = await submit();
    const worker = claims({ leaseMs: 1, maxAttempts: 2 });
    await worker.claim(id);
    await sleep(10);
    expect(await worker.sweep()).toMatchObject({ requeued: [{ id }], failed: [] });
    await worker.claim(id);
    await sleep(10);
    const swept = await worker.sweep();
    expect(swept.requeued).toEqual([]);
    expect(swept.failed).toMatchObject([
      {
        generationId: id,
        seqFrom: 2,
        seqTo: 2,
        events: [{ type: "failed", problem: { code: "worker_lost" } }],
      },
    ]);
    expect(await generations.find(userId, id)).toMatchObject({
      status: "failed",
      attempt: 2,
      error: { code: "worker_lost" },
    });
  });

  it("are not swept by a statement that a standing Postgres has held up", async () => {
    const options = { workerId: "w", leaseMs: 1, maxAttempts: 3 };
    const lost = await run(options);
    await schema.database.query("select pg_sleep(0.02)");
    const sweepSent = (secondsAgo: number) =>
      sweepRuns(schema.database, {
        ...options,
        askedAt: () => schema.database.now() - secondsAgo * 1000,
      });
    expect(await sweepSent(6)).toEqual({ requeued: [], failed: [] });
    expect((await sweepSent(0)).requeued).toMatchObject([{ id: lost.id }]);
  });

  it("are swept one lease period later while connections keep breaking, as nobody could renew then either", async () => {
    const leaseMs = 700;
    const lost = await run({ leaseMs });
    await sleep(leaseMs + 50);
    const ending = schema.database.query("select pg_terminate_backend(pg_backend_pid())");
    await expect(ending).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect((await claims({ leaseMs }).sweep()).requeued).toEqual([]);
    await sleep(leaseMs);
    expect((await claims({ leaseMs }).sweep()).requeued).toMatchObject([{ id: lost.id }]);
  });

  it("are swept once by sweepers that run side by side", async () => {
    const holds = await Promise.all(Array.from({ length: 20 }, () => run({ leaseMs: 1 })));
    await sleep(10);
    const swept = await Promise.all(Array.from({ length: 8 }, () => claims({ leaseMs: 1 }).sweep()));
    const ids = swept.flatMap((one) => one.requeued.map((row) => row.id));
    expect(ids.sort()).toEqual(holds.map((hold) => hold.id).sort());
  });

  it("don't expire for one lease period after Postgres has started", async () => {
    await run({ leaseMs: 1 });
    await sleep(10);
    const [uptime] = await schema.database.query<{ ms: number }>(
      "select extract(epoch from now() - pg_postmaster_start_time())::float8 * 1000 as ms",
    );
    expect((await claims({ leaseMs: uptime!.ms + 60_000 }).sweep()).requeued).toEqual([]);
    expect((await claims({ leaseMs: 1 }).sweep()).requeued).toHaveLength(1);
  });

  it("handed back cost no attempt", async () => {
    const hold = await run();
    expect(await claims().handBack(hold)).toBe(true);
    expect(await claims().handBack(hold)).toBe(false);
    expect(await claims().claim(hold.id)).toMatchObject({ attempt: 1 });
    await expectFenced(hold);
  });
});

describe("writing", () => {
  it("numbers batches of many runs without a gap, whoever writes at the same time", async () => {
    const holds = await Promise.all(Array.from({ length: 5 }, () => run()));
    await Promise.all(
      [holds, [...holds].reverse(), holds.slice(1), holds.slice(2).reverse()].map(async (own) => {
        const waiting = new Map(own.map((hold) => [hold, { afterSeq: 1, batches: 15 }]));
        // Each writer in its own order (rows are locked by id, so nobody waits in a circle), all for the same
        // numbers: whoever comes second is told to stop, looks where the log is now, and goes on from there.
        while (waiting.size > 0) {
          const batches = [...waiting].map(([hold, { afterSeq }]) => ({
            hold,
            afterSeq,
            events: [log("a"), log("b"), log("c")],
          }));
          const { written, fenced } = await claims().appendEvents(batches);
          expect(written.length + fenced.length).toBe(batches.length);
          for (const position of await generations.positions(own.map((hold) => hold.id))) {
            const hold = own.find((each) => each.id === position.id)!;
            const left = waiting.get(hold);
            if (left === undefined) continue;
            left.afterSeq = position.lastSeq;
            left.batches -= 1;
            if (left.batches === 0) waiting.delete(hold);
          }
        }
      }),
    );
    for (const hold of holds) {
      const types = await readLog(hold.id);
      expect(types.length).toBeGreaterThan(15 * 3);
      expect(await generations.find(userId, hold.id)).toMatchObject({ lastSeq: types.length });
    }
  });

  it("stores the good batches of a call and names the fenced ones", async () => {
    const [good, cancelled] = [await run(), await run()];
    await generations.cancel(userId, cancelled.id);
    const result = await claims().appendEvents([
      { hold: cancelled, afterSeq: 1, events: [log("late")] },
      { hold: good, afterSeq: 1, events: [{ type: "progress", percent: 40, stage: "files" }, log("x")] },
    ]);
    expect(result.fenced).toEqual([cancelled]);
    expect(result.written).toMatchObject([
      { generationId: good.id, seqFrom: 2, seqTo: 3, events: [{ seq: 2, type: "progress" }, { seq: 3 }] },
    ]);
    expect(await generations.find(userId, good.id)).toMatchObject({ progress: 40 });
    expect(await readLog(cancelled.id)).toEqual(["queued", "cancelled"]);
  });

  it("answers what it stored, the same as a reader gets", async () => {
    const hold = await run();
    const text = "half a \ud83d, a NUL \u0000, \\u0000 and 😀";
    const { written } = await claims().appendEvents([
      { hold, afterSeq: 1, events: [{ type: "file:delta", path: "a.ts", text }, log("x"), log("y")] },
    ]);
    expect(await generations.events(hold.id, 1, 10)).toEqual(written[0]?.events);
    expect(written[0]?.events[0]).toMatchObject({ text: "half a \ufffd, a NUL \ufffd, \\u0000 and 😀" });
    expect(await generations.events(hold.id, 2, 1)).toMatchObject([{ seq: 3 }]);
  });

  it("refuses two batches of one generation in one call", async () => {
    const hold = await run();
    const batch = { hold, afterSeq: 1, events: [log("x")] };
    await expect(claims().appendEvents([batch, batch])).rejects.toThrow(RangeError);
  });

  it("finds a batch that is offered again because its answer was lost", async () => {
    const hold = await run();
    const batch = { hold, afterSeq: 1, events: [log("x"), log("y")] };
    const first = await claims().appendEvents([batch]);
    expect(await claims().appendEvents([batch])).toEqual(first);
    expect(await readLog(hold.id)).toEqual(["queued", "log", "log"]);
    await generations.cancel(userId, hold.id);
    expect(await claims().appendEvents([batch])).toEqual({ written: [], fenced: [hold] });
  });

  it("answers an end again that was committed though its answer was lost", async () => {
    const [done, broken] = [await run(), await run()];
    const completion = { files: [], events: [log("x")] };
    const first = await claims().complete(done, completion);
    expect(await claims().complete(done, completion)).toEqual(first);
    expect(await claims().fail(done, { problem, events: [] })).toEqual({ kind: "fenced" });
    const failed = await claims().fail(broken, { problem, events: [] });
    expect(await claims().fail(broken, { problem, events: [] })).toEqual(failed);
    expect(await claims().complete(broken, completion)).toBeUndefined();
    expect(await readLog(done.id)).toEqual(["queued", "log", "completed"]);
  });

  it("makes the last events and the status visible together", async () => {
    const hold = await run();
    const written = await claims().complete(hold, {
      files: [],
      events: [log("last words"), { type: "completed", files: 99 }],
      usage: { tokens: 5 },
    });
    expect(written?.events).toMatchObject([{ type: "log" }, { type: "completed", files: 0 }]);
    expect(await generations.find(userId, hold.id)).toMatchObject({
      status: "completed",
      progress: 100,
      lastSeq: 3,
    });
  });

  it("lets exactly one of cancel and complete win, with one final event", async () => {
    const winners = new Set<string>();
    for (let i = 0; i < 25; i += 1) {
      const hold = await run();
      const [completed] = await Promise.all([
        claims().complete(hold, { files: [], events: [] }),
        generations.cancel(userId, hold.id).catch((error: unknown) => {
          expect(error).toMatchObject({ code: "wrong_state" });
        }),
      ]);
      const status = (await generations.find(userId, hold.id))?.status;
      expect(status).toBe(completed === undefined ? "cancelled" : "completed");
      expect(await readLog(hold.id)).toEqual(["queued", status]);
      winners.add(status!);
    }
    expect(winners.size).toBeGreaterThan(0);
  });
});

describe("failing", () => {
  it("ends with the problem and its event", async () => {
    const hold = await run();
    const result = await claims().fail(hold, { problem, events: [log("oh")] });
    expect(result).toMatchObject({
      kind: "failed",
      written: { events: [{ type: "log" }, { type: "failed", problem }] },
    });
    expect(await generations.find(userId, hold.id)).toMatchObject({ status: "failed", error: problem });
  });

  it("waits before another try, while attempts are left", async () => {
    const hold = await run({ maxAttempts: 2 });
    const worker = claims({ maxAttempts: 2 });
    const failure = { problem, events: [log("again")], retryAfterMs: 300 };
    expect(await worker.fail(hold, failure)).toMatchObject({ kind: "requeued", written: { seqTo: 2 } });
    expect(await worker.claim(hold.id)).toBeUndefined();
    expect(await worker.claimNext()).toBeUndefined();
    await sleep(350);
    const second = await worker.claimNext();
    expect(second).toMatchObject({ id: hold.id, attempt: 2 });
    expect(await worker.fail(second!, { ...failure, events: [] })).toMatchObject({ kind: "failed" });
    expect(await readLog(hold.id)).toEqual(["queued", "log", "failed"]);
  });
});

async function expectFenced(hold: GenerationHold): Promise<void> {
  const worker = claims();
  expect(await worker.heartbeat([hold])).toEqual([]);
  expect(await worker.appendEvents([{ hold, afterSeq: 1, events: [log("late")] }])).toEqual({
    written: [],
    fenced: [hold],
  });
  expect(await worker.complete(hold, { files: [], events: [log("late")] })).toBeUndefined();
  expect(await worker.fail(hold, { problem, events: [log("late")] })).toEqual({ kind: "fenced" });
  expect(await worker.fail(hold, { problem, events: [], retryAfterMs: 1 })).toEqual({ kind: "fenced" });
  expect(await worker.handBack(hold)).toBe(false);
}

/** Sweeps rest for one lease after Postgres has started, and the test's server may be young. */
async function waitUntilPostgresIsOlderThan(ms: number): Promise<void> {
  await schema.database.query(
    "select pg_sleep(greatest(0, $1 - extract(epoch from now() - pg_postmaster_start_time())))",
    [ms / 1000],
  );
}
