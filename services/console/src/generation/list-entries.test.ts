import { applyEvents, emptyGenerationView } from "@vibe-friend/client/generation-view";
import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { listEntries } from "./list-entries";

const sha256 = "0".repeat(64);
const bodies: GenerationEventBody[] = [
  { type: "queued" },
  { type: "started", attempt: 1 },
  { type: "file:opened", path: "a.ts", op: "write" },
  { type: "file:completed", path: "a.ts", bytes: 0, sha256 },
  { type: "file:opened", path: "b.ts", op: "write" },
  { type: "file:delta", path: "b.ts", text: "half" },
];

function viewAfter(...more: GenerationEventBody[]) {
  const events = [...bodies, ...more].map((body, index): GenerationEvent => ({
    ...body,
    generationId: "g",
    seq: index + 1,
    at: "2026-01-01T00:00:00Z",
  }));
  return applyEvents(emptyGenerationView, events);
}

const stored = [
  { path: "a.ts", bytes: 0, sha256, partial: false },
  { path: "b.ts", bytes: 4, sha256, partial: true },
];

describe("the files shown", () => {
  it("are what the events have told while it runs", () => {
    expect(listEntries(viewAfter(), "running", undefined)).toEqual([
      ["a.ts", "complete"],
      ["b.ts", "open"],
    ]);
  });

  it.each([["cancelled"], ["failed"]] as const)(
    "of a %s one are marked where they are not finished",
    (status) => {
      const view = viewAfter({ type: "cancelled" });
      const expected = [
        ["a.ts", "complete"],
        ["b.ts", "partial"],
      ];
      expect(listEntries(view, status, undefined)).toEqual(expected);
      expect(listEntries(view, status, stored)).toEqual(expected);
    },
  );

  it("are those that are kept, whatever the events have told", () => {
    expect(listEntries(viewAfter({ type: "completed", files: 1 }), "completed", stored.slice(0, 1))).toEqual([
      ["a.ts", "complete"],
    ]);
  });
});
