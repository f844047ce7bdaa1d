import fc from "fast-check";
import { createEventLane } from "./event-lane";
import type { EngineEvent } from "./generation-engine";
import type { EventBatch, WrittenBatch } from "./ports";
import { createRunningGenerations } from "./running-generations";
import { createTranscript } from "./transcript";

const claimed = {
  ...{ id: "g1", claimToken: 1, prompt: "", engine: "scripted", model: null, attempt: 1, lastSeq: 1 },
  ...{ openForMs: 0, completedFiles: [] },
};

function openLane() {
  const run = createRunningGenerations().start(claimed);
  return createEventLane(run, { onWork: () => undefined, onClose: () => undefined });
}

function confirm({ afterSeq, events }: EventBatch): WrittenBatch {
  return { generationId: "g1", seqFrom: afterSeq + 1, seqTo: afterSeq + events.length, events: [] };
}

/** What the last event of each path in these events is. */
function lastWords({ events }: EventBatch) {
  const last = new Map<string, string>();
  for (const event of events) {
    if (event.type === "file:opened" || event.type === "file:completed") last.set(event.path, event.type);
  }
  const pathsOf = (type: string) => [...last].filter(([, each]) => each === type).map(([path]) => path);
  return { opened: pathsOf("file:opened").sort(), completed: pathsOf("file:completed").sort() };
}

/** An engine that writes files of many sizes, some of them again, and leaves some in their middle. */
const writing = fc.array(
  fc.record({
    path: fc.constantFrom("a", "b", "c", "d"),
    length: fc.oneof(fc.nat(50), fc.nat(300_000)),
    isLeft: fc.boolean(),
  }),
  { maxLength: 12 },
);

describe("event lane", () => {
  it("brings each file with the batch of its last event, wherever batches are cut", () => {
    const property = fc.property(writing, fc.array(fc.boolean()), (files, pauses) => {
      const lane = openLane();
      const transcript = createTranscript();
      const saved = new Map<string, string>();
      const store = () => {
        const batch = lane.batch();
        if (batch === undefined) return false;
        expect(lane.batch()).toBe(batch);
        const { opened, completed } = lastWords(batch);
        expect([...batch.dropped].sort()).toEqual(opened);
        expect(batch.saved.map(({ path }) => path).sort()).toEqual(completed);
        for (const path of batch.dropped) saved.delete(path);
        for (const { path, sha256 } of batch.saved) saved.set(path, sha256);
        lane.confirm(confirm(batch));
        return true;
      };
      const open = new Set<string>();
      for (const [index, { path, length, isLeft }] of files.entries()) {
        const events: EngineEvent[] = [
          { type: "file:opened", path, op: "write" },
          { type: "file:delta", path, text: `${index}`.repeat(length) },
        ];
        if (!isLeft) events.push({ type: "file:completed", path });
        open[isLeft ? "add" : "delete"](path);
        for (const said of events.flatMap((event) => transcript.take(event))) lane.append(said);
        if (pauses[index]) store();
      }
      while (store());
      // What is left open is written anew, and then what is saved is the result.
      for (const path of open) {
        for (const type of ["file:opened", "file:completed"] as const) {
          for (const said of transcript.take({ type, path, op: "write" })) lane.append(said);
        }
      }
      while (store());
      const result = files.length === 0 ? [] : transcript.finish();
      expect(saved).toEqual(new Map(result.map(({ path, sha256 }) => [path, sha256])));
    });
    fc.assert(property, { numRuns: 150 });
  });
});
