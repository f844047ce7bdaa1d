import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import fc from "fast-check";
import { applyEvent, applyEvents, emptyGenerationView } from "./generation-view";

const generationId = "01890000-0000-7000-8000-000000000001";

function number(bodies: readonly GenerationEventBody[]): GenerationEvent[] {
  return bodies.map((body, at) => ({ ...body, generationId, seq: at + 1, at: "2026-01-01T00:00:00Z" }));
}

function view(...bodies: GenerationEventBody[]) {
  return applyEvents(emptyGenerationView, number(bodies));
}

const sha256 = "0".repeat(64);
const opened = (path: string): GenerationEventBody => ({ type: "file:opened", path, op: "write" });
const delta = (path: string, text: string): GenerationEventBody => ({ type: "file:delta", path, text });
const closed = (path: string): GenerationEventBody => ({ type: "file:completed", path, bytes: 1, sha256 });

const path = fc.constantFrom("a.ts", "b.ts", "src/c.ts");
const body: fc.Arbitrary<GenerationEventBody> = fc.oneof(
  fc.record({ type: fc.constant("queued" as const) }),
  fc.record({ type: fc.constant("started" as const), attempt: fc.integer({ min: 1, max: 3 }) }),
  fc.record({ type: fc.constant("progress" as const), percent: fc.nat(100), stage: fc.string() }),
  path.map(opened),
  fc.tuple(path, fc.string()).map(([to, text]) => delta(to, text)),
  path.map(closed),
  fc.record({ type: fc.constant("log" as const), level: fc.constant("info" as const), message: fc.string() }),
  fc.record({ type: fc.constant("completed" as const), files: fc.nat(3) }),
  fc.record({ type: fc.constant("cancelled" as const) }),
);

describe("the view of a generation", () => {
  it("is the same however the log was cut, and however much was delivered again", () => {
    const log = fc.array(body, { maxLength: 60 }).map(number);
    const cuts = fc.array(fc.record({ upTo: fc.nat(60), again: fc.nat(10) }), { maxLength: 12 });
    fc.assert(
      fc.property(log, cuts, (events, deliveries) => {
        let pieced = emptyGenerationView;
        for (const { upTo, again } of deliveries) {
          pieced = applyEvents(
            pieced,
            events.slice(Math.max(0, pieced.lastSeq - again), Math.max(upTo, pieced.lastSeq)),
          );
        }
        pieced = applyEvents(pieced, events.slice(pieced.lastSeq));
        const oneByOne = events.reduce(applyEvent, emptyGenerationView);
        expect(pieced).toEqual(applyEvents(emptyGenerationView, events));
        expect(oneByOne).toEqual(pieced);
      }),
    );
  });

  it("leaves the view it was given as it was", () => {
    const before = view({ type: "queued" }, opened("a.ts"), delta("a.ts", "one"));
    applyEvents(
      before,
      number([...Array<GenerationEventBody>(3).fill({ type: "queued" }), delta("a.ts", "two")]),
    );
    expect(before.files.get("a.ts")?.text).toBe("one");
  });

  it("grows a file's text by its deltas", () => {
    const { files, newestPath } = view(
      opened("a.ts"),
      delta("a.ts", "const "),
      delta("a.ts", "a"),
      closed("a.ts"),
    );
    expect(files.get("a.ts")).toEqual({ path: "a.ts", text: "const a", state: "complete" });
    expect(newestPath).toBe("a.ts");
  });

  it("starts a file over when it is opened a second time", () => {
    const { files } = view(opened("a.ts"), delta("a.ts", "old"), opened("a.ts"), delta("a.ts", "new"));
    expect(files.get("a.ts")).toEqual({ path: "a.ts", text: "new", state: "open" });
  });

  it("marks the half file of a dead run stale and keeps its finished ones", () => {
    const { files, attempt } = view(
      { type: "started", attempt: 1 },
      opened("a.ts"),
      closed("a.ts"),
      opened("b.ts"),
      { type: "started", attempt: 2 },
    );
    expect(attempt).toBe(2);
    expect([...files.values()].map(({ state }) => state)).toEqual(["complete", "stale"]);
  });

  it("drops what no run finished once the generation is complete", () => {
    const { files, status, progress, newestPath } = view(
      opened("a.ts"),
      closed("a.ts"),
      opened("b.ts"),
      { type: "started", attempt: 2 },
      { type: "completed", files: 1 },
    );
    expect([...files.keys()]).toEqual(["a.ts"]);
    expect(newestPath).toBe("a.ts");
    expect({ status, progress }).toEqual({ status: "completed", progress: 100 });
  });

  it("goes on after the complete files when a failed generation is retried", () => {
    const again = view(
      opened("a.ts"),
      closed("a.ts"),
      opened("b.ts"),
      { type: "failed", problem: { code: "engine_failed", title: "It broke" } },
      { type: "queued" },
    );
    expect(again).toMatchObject({ status: "queued", progress: 0, problem: undefined });
    expect([...again.files.values()].map(({ state }) => state)).toEqual(["complete", "stale"]);
  });

  it("keeps files that didn't change as the same objects", () => {
    const before = view(opened("a.ts"), closed("a.ts"), opened("b.ts"));
    const after = applyEvent(before, {
      ...delta("b.ts", "x"),
      generationId,
      seq: 4,
      at: "2026-01-01T00:00:00Z",
    });
    expect(after.files.get("a.ts")).toBe(before.files.get("a.ts"));
  });
});
