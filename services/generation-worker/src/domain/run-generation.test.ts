import { createHash } from "node:crypto";
import { EngineError, type EngineRequest } from "./generation-engine";
import { createKeepLeases } from "./keep-leases";
import { defaultTimes, type LeaseTimes } from "./limits";
import type { WrittenBatch } from "./ports";
import { createRunGeneration } from "./run-generation";
import { createRunningGenerations } from "./running-generations";
import { createMemoryClaims } from "./testing/memory-claims";
import { createRecordedMetrics } from "./testing/recorded-metrics";
import { createScriptedEngine, writesFile, type ScriptStep } from "./testing/scripted-engine";
import { silentLogger as logger } from "./testing/silent-logger";
import { until } from "./testing/until";
import { createEventWriter } from "./write-events";

type Script = (request: EngineRequest) => Iterable<ScriptStep>;

function createWorld(script: Script, overrides: Partial<LeaseTimes> = {}) {
  const times = { ...defaultTimes, flushMs: 5, ...overrides };
  const claims = createMemoryClaims();
  const recorded = createRecordedMetrics();
  const { engine, requests } = createScriptedEngine(script);
  const published: WrittenBatch[] = [];
  const queued: string[] = [];
  const news = {
    logGrew: (written: WrittenBatch) => void published.push(written),
    queued: (id: string) => void queued.push(id),
  };
  const running = createRunningGenerations();
  const { metrics } = recorded;
  const clock = () => performance.now();
  const writer = createEventWriter({ claims: claims.store, news, metrics, logger, clock, times });
  const engines = { find: (name: string) => (name === engine.name ? engine : undefined) };
  const runGeneration = createRunGeneration({
    claims: claims.store,
    engines,
    writer,
    running,
    news,
    metrics,
    logger,
    times,
  });
  const keepLeases = createKeepLeases({ claims: claims.store, running, logger });
  const start = async (id = "g1") => {
    const claimed = await claims.store.claim(id);
    if (!claimed) throw new Error("nothing to claim");
    return { claimed, ended: runGeneration(claimed) };
  };
  return { claims, recorded, requests, published, queued, running, runGeneration, keepLeases, start };
}

const types = (row: { events: readonly { type: string }[] }) => row.events.map(({ type }) => type);
const busy = (retryAfterMs?: number) =>
  new EngineError("model_rate_limited", "The model is busy.", {
    retryable: true,
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  });

describe("run a generation", () => {
  it("stores events with their files, then status and final event, and publishes each batch after its commit", async () => {
    const world = createWorld(() => [
      { type: "progress", percent: 10, stage: "Planning" },
      ...writesFile("src/a.ts", "const a", " = 1;\n"),
    ]);
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    expect(await ended).toBe("completed");
    expect(types(row)).toEqual([
      "queued",
      "started",
      "progress",
      "file:opened",
      "file:delta",
      "file:completed",
      "completed",
    ]);
    expect(row.files).toEqual([
      {
        path: "src/a.ts",
        content: "const a = 1;\n",
        bytes: 13,
        sha256: createHash("sha256").update("const a = 1;\n").digest("hex"),
      },
    ]);
    expect(world.published.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual([2, 3, 4, 5, 6, 7]);
  });

  it("fails clearly when the row's engine isn't set up here", async () => {
    const world = createWorld(() => []);
    const row = world.claims.submit("g1", "llm");
    const { ended } = await world.start();
    expect(await ended).toBe("failed");
    expect(row.events.at(-1)).toMatchObject({ type: "failed", problem: { code: "engine_not_configured" } });
  });

  it("fails with the engine's own words, and without another try, when one wouldn't help", async () => {
    const cause = new EngineError("nothing_to_build", "Name a resource.", { retryable: false });
    const world = createWorld(() => [cause]);
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    expect(await ended).toBe("failed");
    expect(row.events.at(-1)).toMatchObject({
      problem: { code: "nothing_to_build", detail: "Name a resource." },
    });
  });

  it("says nothing of the inside when the engine breaks", async () => {
    const world = createWorld(() => [new Error("password=hunter2")]);
    const row = world.claims.submit("g1");
    await (
      await world.start()
    ).ended;
    expect(JSON.stringify(row.events)).not.toContain("hunter2");
    expect(row.events.at(-1)).toMatchObject({ problem: { code: "internal" } });
  });

  it("queues a busy model's generation again, not before Retry-After, which costs no attempt", async () => {
    const world = createWorld(() => [busy(40_000)]);
    const row = world.claims.submit("g1");
    for (let time = 0; time < 5; time += 1) {
      const startedAt = performance.now();
      expect(await (await world.start()).ended).toBe("retried");
      expect(row).toMatchObject({ status: "queued", attempt: 0 });
      expect(row.runAfter - startedAt).toBeGreaterThanOrEqual(40_000);
      row.runAfter = 0;
    }
    expect(world.recorded.retries).toEqual(Array(5).fill("model_rate_limited"));
  });

  it("gives up an engine that fails the third time", async () => {
    const away = new EngineError("model_unavailable", "It is away.", { retryable: true });
    const world = createWorld(() => [away]);
    const row = world.claims.submit("g1");
    for (const attempt of [1, 2]) {
      expect(await (await world.start()).ended).toBe("retried");
      expect(row).toMatchObject({ status: "queued", attempt });
      row.runAfter = 0;
    }
    expect(await (await world.start()).ended).toBe("failed");
    expect(row.status).toBe("failed");
    expect(types(row).filter((type) => type === "log")).toHaveLength(2);
  });

  it("refuses a path that leaves the project, whatever the engine", async () => {
    const world = createWorld(() => writesFile("../outside", "x"));
    const row = world.claims.submit("g1");
    expect(await (await world.start()).ended).toBe("failed");
    expect(row.events.at(-1)).toMatchObject({ problem: { code: "output_invalid" } });
    expect(row.files).toEqual([]);
  });

  it("doesn't complete what ends within a file", async () => {
    const world = createWorld(() => writesFile("a.ts", "half").slice(0, 2));
    const row = world.claims.submit("g1");
    expect(await (await world.start()).ended).toBe("failed");
    expect(row.events.at(-1)).toMatchObject({ problem: { code: "output_truncated" } });
  });

  it("changes nothing more once another worker holds the row, and counts the refused write", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "late"), 30, ...writesFile("b.ts", "later")]);
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    await until(() => types(row).includes("file:completed"));
    row.claimToken += 1;
    const before = row.events.length;
    expect(await ended).toBe("fenced");
    expect(row.events).toHaveLength(before);
    expect(row.files.map(({ path }) => path)).toEqual(["a.ts"]);
    expect(world.recorded.counts.fenced).toBeGreaterThan(0);
  });

  it("is refused at the last step when the row was lost just before", async () => {
    const world = createWorld(() => writesFile("a.ts", "x"));
    const row = world.claims.submit("g1");
    const complete = world.claims.store.complete;
    world.claims.store.complete = (...args) => {
      row.claimToken += 1;
      return complete(...args);
    };
    expect(await (await world.start()).ended).toBe("fenced");
    expect(row).toMatchObject({ status: "running" });
  });

  it("stops a cancelled run at the next look at its lease", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "x"), "hang"]);
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    await until(() => types(row).includes("file:completed"));
    world.claims.cancel("g1");
    await world.keepLeases();
    expect(await ended).toBe("lost");
    expect(types(row).at(-1)).toBe("cancelled");
  });

  it("stops even an engine that doesn't listen", async () => {
    const world = createWorld(() => ["hang-deaf"]);
    world.claims.submit("g1");
    const { ended } = await world.start();
    await until(() => world.requests.length > 0);
    world.claims.cancel("g1");
    await world.keepLeases();
    expect(await ended).toBe("lost");
  });

  it("hands the row back with its events when the process stops, and costs no attempt", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "x"), "hang"], { flushMs: 200 });
    const row = world.claims.submit("g1");
    const { claimed, ended } = await world.start();
    await until(() => world.requests.length > 0);
    world.running.find(claimed.id)?.stop("handing-back");
    expect(await ended).toBe("handed-back");
    expect(row).toMatchObject({ status: "queued", attempt: 0 });
    expect(types(row)).toContain("started");
    expect(world.queued).toEqual(["g1"]);
  });

  it("hands a row back whose failure can't be stored when the process stops, and costs no attempt", async () => {
    const world = createWorld(() => [busy()]);
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    const { fail } = world.claims.store;
    world.claims.store.fail = (...failure) => {
      world.claims.fault.away = true;
      world.running.find("g1")?.stop("handing-back");
      setTimeout(() => (world.claims.fault.away = false), 150);
      return fail(...failure);
    };
    expect(await ended).toBe("handed-back");
    expect(row).toMatchObject({ status: "queued", attempt: 0 });
  });

  it("tries a run again whose engine says nothing for too long, with what it said before", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "x"), "hang"], { idleMs: 60 });
    const row = world.claims.submit("g1");
    for (const attempt of [1, 2]) {
      expect(await (await world.start()).ended).toBe("retried");
      expect(row).toMatchObject({ status: "queued", attempt });
      expect(row.events.at(-1)).toMatchObject({ type: "log", level: "warn" });
      row.runAfter = 0;
    }
    expect(await (await world.start()).ended).toBe("failed");
    expect(row.events.at(-1)).toMatchObject({ problem: { code: "model_timeout" } });
    expect(row.files).toHaveLength(1);
  });

  it("doesn't take an engine for silent that the store holds back", async () => {
    function* script(): Iterable<ScriptStep> {
      yield { type: "file:opened", path: "big.txt", op: "write" };
      for (let step = 0; step < 1000; step += 1) {
        yield { type: "file:delta", path: "big.txt", text: "x".repeat(1000) };
      }
      yield { type: "file:completed", path: "big.txt" };
    }
    const world = createWorld(script, { idleMs: 150 });
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    world.claims.fault.away = true;
    setTimeout(() => (world.claims.fault.away = false), 400);
    expect(await ended).toBe("completed");
    expect(row.files).toMatchObject([{ bytes: 1_000_000 }]);
  });

  it("doesn't take an engine for silent while the process itself stood still", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "x"), 700, ...writesFile("b.ts", "y")], {
      idleMs: 500,
    });
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    setTimeout(() => {
      const until = performance.now() + 2_000;
      while (performance.now() < until);
    }, 50);
    expect(await ended).toBe("completed");
    expect(row.files).toHaveLength(2);
  });

  it("fails instead of waiting beyond the deadline", async () => {
    const world = createWorld(() => [busy(40_000)]);
    const row = world.claims.submit("g1");
    row.openForMs = 60 * 60_000 - 30_000;
    expect(await (await world.start()).ended).toBe("failed");
    expect(row.events.at(-1)).toMatchObject({ type: "failed", problem: { code: "model_rate_limited" } });
    expect(types(row)).not.toContain("log");
  });

  it("fails a run that takes longer than any may", async () => {
    const world = createWorld(() => ["hang"], { runMs: 30 });
    const row = world.claims.submit("g1");
    expect(await (await world.start()).ended).toBe("failed");
    expect(row.events.at(-1)).toMatchObject({ problem: { code: "model_timeout" } });
  });
});

describe("run a generation that ran before", () => {
  it.each(["died", "was handed back"])("goes on after the files of the one that %s", async (what) => {
    const world = createWorld(({ completedFiles = [] }) =>
      completedFiles.length === 0
        ? [
            ...writesFile("a.ts", "one"),
            ...writesFile("b.ts", "two"),
            ...writesFile("c.ts", "half").slice(0, 2),
            "hang",
          ]
        : [...writesFile("b.ts", "two, better"), ...writesFile("c.ts", "three")],
    );
    const row = world.claims.submit("g1");
    const first = await world.start();
    await until(() => types(row).filter((type) => type === "file:opened").length === 3);
    if (what === "died") {
      row.status = "queued";
      row.claimToken += 1;
      await world.keepLeases();
    } else world.running.find("g1")?.stop("handing-back");
    await first.ended;
    expect(await (await world.start()).ended).toBe("completed");
    const given = world.requests[1]?.completedFiles ?? [];
    expect(given.map(({ path, bytes }) => [path, bytes])).toEqual([
      ["a.ts", 3],
      ["b.ts", 3],
    ]);
    const opened = row.events.filter((event) => event.type === "file:opened").map(({ path }) => path);
    expect(opened).toEqual(["a.ts", "b.ts", "c.ts", "b.ts", "c.ts"]);
    expect(row.events.at(-1)).toMatchObject({ type: "completed", files: 3 });
    expect(Object.fromEntries(row.files.map(({ path, content }) => [path, content]))).toEqual({
      "a.ts": "one",
      "b.ts": "two, better",
      "c.ts": "three",
    });
  });

  it("is whole although the engine finds nothing left to write", async () => {
    const world = createWorld(({ completedFiles = [] }) =>
      completedFiles.length === 0 ? [...writesFile("a.ts", "one"), busy()] : [],
    );
    const row = world.claims.submit("g1");
    expect(await (await world.start()).ended).toBe("retried");
    row.runAfter = 0;
    expect(await (await world.start()).ended).toBe("completed");
    expect(await world.requests[1]?.completedFiles?.[0]?.readContent()).toBe("one");
  });
});

describe("run a generation while Postgres is away", () => {
  it("keeps the events and goes on when it is back, without gap or repetition", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "one"), 50, ...writesFile("b.ts", "two"), 50]);
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    world.claims.fault.away = true;
    setTimeout(() => (world.claims.fault.away = false), 150);
    expect(await ended).toBe("completed");
    expect(row.files.map(({ path }) => path)).toEqual(["a.ts", "b.ts"]);
    expect(types(row).filter((type) => type === "file:completed")).toHaveLength(2);
  });

  it("finds a write whose answer was lost instead of repeating it", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "one"), 20, ...writesFile("b.ts", "two")]);
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    world.claims.fault.lost = 1;
    expect(await ended).toBe("completed");
    expect(types(row).filter((type) => type === "file:opened")).toHaveLength(2);
    expect(world.published.flatMap(({ events }) => events.map(({ seq }) => seq))).toEqual(
      row.events.slice(1).map(({ seq }) => seq),
    );
  });

  it("holds the engine back, so that memory stays bounded, and gives the run up at last", async () => {
    let produced = 0;
    function* script(): Iterable<ScriptStep> {
      yield { type: "file:opened", path: "big.txt", op: "write" };
      for (; produced < 1000; produced += 1)
        yield { type: "file:delta", path: "big.txt", text: "x".repeat(1000) };
    }
    const world = createWorld(script, { storeAwayMs: 400 });
    const row = world.claims.submit("g1");
    const { ended } = await world.start();
    world.claims.fault.away = true;
    expect(await ended).toBe("store-away");
    expect(produced).toBeLessThan(700);
    expect(produced).toBeGreaterThan(100);
    expect(row).toMatchObject({ status: "running", attempt: 1 });
  });

  it.each([
    ["has said all", []],
    ["has failed", [busy()]],
  ])("stops at once, and gives its slot back, when its row is lost after its engine %s", async (_, end) => {
    const world = createWorld(() => [...writesFile("a.ts", "x"), ...end]);
    world.claims.submit("g1");
    const { ended } = await world.start();
    world.claims.fault.away = true;
    await until(() => world.claims.statements.includes("appendEvents"));
    world.running.find("g1")?.stop("lost");
    expect(await ended).toBe("lost");
  });

  it("completes after the store came back between the last event and the result", async () => {
    const world = createWorld(() => writesFile("a.ts", "x"));
    const row = world.claims.submit("g1");
    const complete = world.claims.store.complete;
    world.claims.store.complete = (...args) => {
      world.claims.fault.away = true;
      setTimeout(() => (world.claims.fault.away = false), 150);
      world.claims.store.complete = complete;
      return complete(...args);
    };
    expect(await (await world.start()).ended).toBe("completed");
    expect(row.status).toBe("completed");
  });
});

describe("run a generation after one that ended while Postgres was away", () => {
  const script: Script = ({ generationId }) => [
    ...writesFile("a.ts", "one"),
    ...(generationId === "g1" ? (["hang"] as const) : []),
  ];

  it("stores the next run's events when the waiting run lost its row, as after a freeze", async () => {
    const world = createWorld(script);
    world.claims.submit("g1");
    const { ended } = await world.start();
    world.claims.fault.away = true;
    await until(() => world.claims.statements.includes("appendEvents"));
    world.running.find("g1")?.stop("lost");
    expect(await ended).toBe("lost");
    world.claims.fault.away = false;
    // The next look comes while there is nothing left to store.
    await new Promise((resolve) => setTimeout(resolve, 200));
    const next = world.claims.submit("g2");
    expect(await (await world.start("g2")).ended).toBe("completed");
    expect(types(next)).toContain("file:delta");
  });

  it("stores the next run's events, and keeps them as long as any, when the waiting run was given up", async () => {
    const world = createWorld(script, { storeAwayMs: 400 });
    world.claims.submit("g1");
    const { ended } = await world.start();
    world.claims.fault.away = true;
    expect(await ended).toBe("store-away");
    world.claims.fault.away = false;
    world.claims.submit("g2");
    const second = await world.start("g2");
    world.claims.fault.away = true;
    setTimeout(() => (world.claims.fault.away = false), 150);
    expect(await second.ended).toBe("completed");
  });
});

describe("write events of several runs", () => {
  it("writes them in common statements", async () => {
    const world = createWorld(() => [...writesFile("a.ts", "x"), 30, ...writesFile("b.ts", "y")], {
      flushMs: 10,
    });
    for (const id of ["g1", "g2", "g3"]) world.claims.submit(id);
    const runs = await Promise.all(["g1", "g2", "g3"].map((id) => world.start(id)));
    await Promise.all(runs.map(({ ended }) => ended));
    const appends = world.claims.statements.filter((name) => name === "appendEvents");
    expect(appends.length).toBeLessThan(9);
    expect(world.recorded.outcomes).toEqual(["completed", "completed", "completed"]);
  });

  it("saves large files that close at the same time by one statement each", async () => {
    const world = createWorld(() => writesFile("big.txt", "x".repeat(5 * 1024 * 1024)));
    const append = world.claims.store.appendEvents;
    const sizes: number[] = [];
    world.claims.store.appendEvents = (batches) => {
      const saved = batches.flatMap((batch) => batch.saved);
      if (saved.length > 0) sizes.push(saved.length);
      return append(batches);
    };
    for (const id of ["g1", "g2", "g3"]) world.claims.submit(id);
    const runs = await Promise.all(["g1", "g2", "g3"].map((id) => world.start(id)));
    await Promise.all(runs.map(({ ended }) => ended));
    expect(world.recorded.outcomes).toEqual(["completed", "completed", "completed"]);
    expect(sizes).toEqual([1, 1, 1]);
  });

  it("lets the others go on when the store refuses the events of one", async () => {
    const world = createWorld(({ generationId }) =>
      writesFile("a.ts", generationId === "g2" ? "poison" : "fine"),
    );
    world.claims.fault.refuse = (body) => body.type === "file:delta" && body.text === "poison";
    const rows = ["g1", "g2", "g3"].map((id) => world.claims.submit(id));
    const runs = await Promise.all(["g1", "g2", "g3"].map((id) => world.start(id)));
    await Promise.all(runs.map(({ ended }) => ended));
    expect(rows.map(({ status }) => status)).toEqual(["completed", "failed", "completed"]);
  });
});
