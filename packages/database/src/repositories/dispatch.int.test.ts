import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { newGeneration, prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { createAuditLog } from "./audit-log";
import type { ClaimOptions } from "./claim-records";
import { createDispatch, type Dispatch } from "./dispatch";
import { createGenerationClaims } from "./generation-claims";
import { createGenerations, type Generations } from "./generations";
import { createQueues } from "./queues";

let schema: TestSchema;
let generations: Generations;
let dispatch: Dispatch;
let userId: string;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
  dispatch = createDispatch(schema.database);
});
afterAll(() => schema.drop());
beforeEach(async () => {
  for (const table of ["generations", "queues", "generation_usage"]) {
    await schema.database.query(`delete from ${table}`);
  }
  userId = await schema.addUser();
});

const admin = () => ({ userId, requestId: "r-1" });
const queues = () => createQueues(schema.database);
const problem = { code: "model_unavailable", title: "The model can't be reached" };

function claims(options: Partial<ClaimOptions> = {}) {
  return createGenerationClaims(schema.database, {
    ...{ workerId: "w", leaseMs: 6000, maxAttempts: 3 },
    ...options,
  });
}

async function submit(given: Parameters<typeof newGeneration>[1] = {}): Promise<string> {
  return (await generations.submit(newGeneration(userId, given))).generation.id;
}

async function failOne(): Promise<string> {
  const id = await submit();
  const claimed = await claims().claim(id);
  await claims().fail(claimed!, { problem, events: [] });
  return id;
}

/** As if it had been queued so long ago. */
async function age(id: string, seconds: number): Promise<void> {
  await schema.database.query(
    "update generations set queued_at = queued_at - $2 * interval '1 second' where id = $1",
    [id, seconds],
  );
}

async function isDeferred(id: string): Promise<boolean> {
  const [row] = await schema.database.query<{ deferred: boolean }>(
    "select deferred from generations where id = $1",
    [id],
  );
  return row?.deferred === true;
}

describe("a delivery that is refused", () => {
  const young = { queuedForMs: 60_000 };

  it("for the running limit is found by the rows at once, as soon as there is room", async () => {
    const refused: string[] = [];
    const worker = claims({ maxRunningPerUser: 1, onRefused: (why) => refused.push(why) });
    const [first, second] = [await submit(), await submit()];
    const running = await worker.claim(first);
    expect(await worker.claim(second)).toBeUndefined();
    expect(refused).toEqual(["limit"]);
    expect(await isDeferred(second)).toBe(true);
    expect(await worker.claimNext(young)).toBeUndefined();
    await worker.fail(running!, { problem, events: [] });
    expect(await worker.claimNext(young)).toMatchObject({ id: second });
    expect(await isDeferred(second)).toBe(false);
  });

  it("for a pause as well; nobody is given a row until it ends", async () => {
    const refused: string[] = [];
    const worker = claims({ onRefused: (why) => refused.push(why) });
    const id = await submit();
    await queues().setPaused("generation", true, admin());
    expect(await worker.claim(id)).toBeUndefined();
    expect(await worker.claimNext()).toBeUndefined();
    expect(refused).toEqual(["paused"]);
    await queues().setPaused("generation", false, admin());
    expect(await worker.claimNext(young)).toMatchObject({ id });
  });

  it("because the row runs or is gone leaves no mark", async () => {
    const id = await submit();
    const running = await claims().claim(id);
    expect(await claims().claim(id)).toBeUndefined();
    expect(await isDeferred(id)).toBe(false);
    await claims().handBack(running!);
    await generations.cancel(userId, id);
    expect(await claims().claim(id)).toBeUndefined();
    expect(await isDeferred(id)).toBe(false);
  });

  it("never runs more of one user than allowed, whichever way many claimers ask", async () => {
    const ids: string[] = [];
    for (let i = 0; i < 30; i += 1) ids.push(await submit());
    const worker = claims({ maxRunningPerUser: 4 });
    const asked = [...ids.map((id) => worker.claim(id)), ...ids.map(() => worker.claimNext())];
    const claimed = (await Promise.all(asked)).filter((one) => one !== undefined);
    expect(claimed).toHaveLength(4);
    expect(new Set(claimed.map(({ id }) => id)).size).toBe(4);
  });
});

it("passes by thousands of rows of somebody at the limit, also when all others wait behind them", async () => {
  await schema.database.query(
    `insert into generations (id, user_id, prompt, engine, priority, mode, deferred)
     select gen_random_uuid(), $1, repeat('x', 300), 'builtin', 1, 'async', true from generate_series(1, 10000)`,
    [userId],
  );
  const worker = claims({ maxRunningPerUser: 3 });
  for (let i = 0; i < 3; i += 1) await worker.claimNext();
  userId = await schema.addUser();
  const [late, first] = [await submit({ priority: 9 }), await submit({ priority: 5 })];
  await schema.database.query("analyze generations");
  const startedAt = performance.now();
  expect(await worker.claimNext()).toMatchObject({ id: first });
  expect(await worker.claimNext()).toMatchObject({ id: late });
  for (let i = 0; i < 18; i += 1) expect(await worker.claimNext()).toBeUndefined();
  // A few milliseconds each; going through all rows took five times as long.
  expect(performance.now() - startedAt).toBeLessThan(3000);
});

describe("comparing queue and rows", () => {
  const options = { waitedMs: 5000, limit: 100 };

  it("finds what waits and isn't held, by priority, then age, and what is held and doesn't wait", async () => {
    const [late, first, young, held] = [
      await submit({ priority: 9 }),
      await submit(),
      await submit(),
      await submit(),
    ];
    for (const id of [late, first, held]) await age(id, 6);
    const running = (await claims().claim(await submit()))!.id;
    const gone = "01890000-0000-7000-8000-0000000000ff";
    expect(await dispatch.compare([held, running, gone, young], options)).toEqual({
      forgotten: [first, late].map((id) => expect.objectContaining({ id, lastSeq: 1 }) as object),
      stale: [running, gone],
    });
    expect((await dispatch.compare([], { ...options, limit: 1 })).forgotten).toMatchObject([{ id: first }]);
  });

  it("leaves out what the queue has brought in vain, what waits for its next try, and all of a paused queue", async () => {
    const [refused, delayed, plain] = [await submit(), await submit(), await submit()];
    for (const id of [refused, delayed, plain]) await age(id, 6);
    await schema.database.query("update generations set deferred = true where id = $1", [refused]);
    await schema.database.query("update generations set run_after = now() + interval '1 h' where id = $1", [
      delayed,
    ]);
    expect((await dispatch.compare([], options)).forgotten).toMatchObject([{ id: plain }]);
    await queues().setPaused("generation", true, admin());
    expect((await dispatch.compare([], options)).forgotten).toEqual([]);
  });

  it("is done by one process at a time", async () => {
    let finish: () => void = () => undefined;
    let first: Promise<string | undefined> = Promise.resolve(undefined);
    await new Promise<void>((hasBegun) => {
      first = dispatch.inTurn(() => {
        hasBegun();
        return new Promise<string>((resolve) => {
          finish = () => {
            resolve("done");
          };
        });
      });
    });
    expect(await dispatch.inTurn(() => Promise.resolve("too"))).toBeUndefined();
    finish();
    expect(await first).toBe("done");
    expect(await dispatch.inTurn(() => Promise.resolve("next"))).toBe("next");
  });
});

describe("a claim whose answer was lost", () => {
  it("goes back uncounted once it is half a lease old, but not what is known, or young, or another's", async () => {
    const worker = claims({ leaseMs: 60_000 });
    const other = claims({ workerId: "v", leaseMs: 60_000 });
    const [lost, known] = [(await worker.claim(await submit()))!, (await worker.claim(await submit()))!];
    const others = (await other.claim(await submit()))!;
    expect(await worker.returnLost([known])).toEqual([]);
    // As if half a minute had passed.
    await schema.database.query(
      "update generations set lease_expires_at = lease_expires_at - interval '31 s' where status = 'running'",
    );
    expect(await worker.returnLost([known])).toEqual([{ id: lost.id }]);
    expect(await generations.find(userId, lost.id)).toMatchObject({ status: "queued", attempt: 0 });
    expect(await generations.find(userId, others.id)).toMatchObject({ status: "running", attempt: 1 });
    expect(await worker.fail(lost, { problem, events: [] })).toEqual({ kind: "fenced" });
    expect(await worker.claim(lost.id)).toMatchObject({ attempt: 1 });
  });
});

describe("figures", () => {
  it("say what waits and runs, for how long, and that nothing is lost; deleting isn't losing", async () => {
    const old = await submit();
    await age(old, 90);
    await claims().claim(await submit());
    const failed = await failOne();
    await generations.remove(userId, failed);
    const figures = await dispatch.figures();
    expect(figures).toMatchObject({ queued: 1, running: 1, unaccounted: 0 });
    expect(figures.oldestWaitingSeconds).toBeGreaterThanOrEqual(90);
    expect(figures.oldestWaitingSeconds).toBeLessThan(120);
  });

  it("show a row that got lost", async () => {
    const id = await submit();
    await schema.database.query("delete from generations where id = $1", [id]);
    expect(await dispatch.figures()).toMatchObject({ queued: 0, oldestWaitingSeconds: 0, unaccounted: 1 });
  });
});

describe("queues", () => {
  it("are paused and resumed once, each with its audit entry", async () => {
    for (const isPaused of [true, true, false, false]) {
      await queues().setPaused("archive", isPaused, admin());
      expect((await queues().view("archive")).pausedAt !== null).toBe(isPaused);
    }
    expect((await queues().view("generation")).pausedAt).toBeNull();
    const { items } = await createAuditLog(schema.database).list({ limit: 10 });
    expect(items.filter((entry) => entry.userId === userId)).toMatchObject([
      { action: "queue.resumed", target: "archive", requestId: "r-1" },
      { action: "queue.paused", target: "archive" },
    ]);
  });

  it("show what waits, runs and has failed, the latest first", async () => {
    const [first, last] = [await failOne(), await failOne()];
    const old = await submit();
    await age(old, 5);
    await claims().claim(await submit());
    const view = await queues().view("generation");
    expect(view).toMatchObject({
      counts: { queued: 1, delayed: 0, running: 1, failed: 2 },
      failed: [
        { id: last, userId, attempt: 1, error: problem },
        { id: first, userId },
      ],
    });
    expect(view.oldestWaitingMs).toBeGreaterThanOrEqual(5000);
    expect(await queues().view("archive")).toMatchObject({
      counts: { queued: 0, delayed: 0, running: 0, failed: 0 },
      oldestWaitingMs: null,
    });
  });

  it("run what failed again as its owner would, the earliest first, keeping what was completed", async () => {
    const [first, second] = [await failOne(), await failOne()];
    await schema.database.query(
      `insert into generation_files (generation_id, path, content, bytes, sha256, partial)
       values ($1, 'done.ts', '1', 1, '0', false), ($1, 'open.ts', '1', 1, '0', true)`,
      [first],
    );
    const { generations: retried, left } = await queues().retryFailed("generation", 1, admin());
    expect(left).toBe(1);
    expect(retried).toMatchObject([
      { generation: { id: first, status: "queued", attempt: 0, error: null }, events: [{ type: "queued" }] },
    ]);
    const files = await schema.database.query("select path from generation_files where generation_id = $1", [
      first,
    ]);
    expect(files).toEqual([{ path: "done.ts" }]);
    expect((await generations.events(first, 0, 10)).map(({ type }) => type)).toEqual([
      "queued",
      "failed",
      "queued",
    ]);
    expect(await generations.find(userId, second)).toMatchObject({ status: "failed" });
    const [entry] = (await createAuditLog(schema.database).list({ limit: 1 })).items;
    expect(entry).toMatchObject({ action: "queue.failed_retried", details: { retried: 1 }, userId });
  });

  it("run archives that failed again", async () => {
    const id = await failOne();
    await schema.database.query(
      `insert into archives (generation_id, status, attempt, error, queued_at, finished_at, claim_token)
       values ($1, 'failed', 3, '{"code": "x", "title": "x"}', now(), now(), 7)`,
      [id],
    );
    expect(await queues().view("archive")).toMatchObject({ counts: { failed: 1 }, failed: [{ id, userId }] });
    expect(await queues().retryFailed("archive", 500, admin())).toEqual({
      ...{ generations: [], archives: [id], left: 0 },
    });
    expect(await queues().view("archive")).toMatchObject({ counts: { queued: 1, failed: 0 } });
  });

  it("count what waits up to a bound", async () => {
    for (let i = 0; i < 3; i += 1) await submit();
    expect([await queues().countQueued(2), await queues().countQueued(10)]).toEqual([2, 3]);
  });
});
