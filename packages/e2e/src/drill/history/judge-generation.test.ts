import { createHash } from "node:crypto";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { judgeGeneration, type StoredGeneration } from "./judge-generation";
import { ReceivedHistory } from "./received-history";

type Numbered = GenerationEventBody & { readonly seq: number };

const number = (bodies: readonly GenerationEventBody[]): Numbered[] =>
  bodies.map((body, index) => ({ ...body, seq: index + 1 }));

const sha256 = createHash("sha256").update("two words").digest("hex");
const file: readonly GenerationEventBody[] = [
  { type: "file:opened", path: "a.txt", op: "write" },
  { type: "file:delta", path: "a.txt", text: "two " },
  { type: "file:delta", path: "a.txt", text: "words" },
  { type: "file:completed", path: "a.txt", bytes: 9, sha256 },
];
const whole = number([
  { type: "queued" },
  { type: "started", attempt: 1 },
  ...file,
  { type: "completed", files: 1 },
]);

const storedOf = (change: Partial<StoredGeneration> = {}): StoredGeneration => ({
  status: "completed",
  lastSeq: (change.events ?? whole).length,
  events: whole,
  files: [{ path: "a.txt", sha256 }],
  ...change,
});

function receive(events: readonly Numbered[]): ReceivedHistory {
  const history = new ReceivedHistory();
  for (const event of events) history.take(event, 1);
  return history;
}

it("finds nothing in a whole generation that was watched to its end", () => {
  expect(judgeGeneration(storedOf(), receive(whole))).toEqual({
    end: "completed",
    isDoubled: false,
    eventsMissed: 0,
    eventsRepeated: 0,
    isChanged: false,
    faults: [],
  });
});

it("finds nothing wrong with a second attempt that began the file again", () => {
  const again = number([
    { type: "queued" },
    { type: "started", attempt: 1 },
    { type: "file:opened", path: "a.txt", op: "write" },
    { type: "file:delta", path: "a.txt", text: "tw" },
    { type: "started", attempt: 2 },
    ...file,
    { type: "completed", files: 1 },
  ]);
  expect(judgeGeneration(storedOf({ events: again }), receive(again)).faults).toEqual([]);
});

it("counts a generation without a row as lost, and one that goes on as open", () => {
  expect(judgeGeneration(undefined, receive(whole)).end).toBe("lost");
  const running = storedOf({ status: "running", events: whole.slice(0, 4), files: [] });
  expect(judgeGeneration(running, receive(whole.slice(0, 3)))).toMatchObject({
    end: "open",
    eventsMissed: 0,
    faults: [],
  });
});

it.each([
  ["in the middle", whole.filter(({ seq }) => seq !== 3 && seq !== 4), 2],
  ["at the end", whole.slice(0, -1), 1],
  ["all of them", [], whole.length],
])("counts events that its subscriber missed %s", (_, received, missed) => {
  expect(judgeGeneration(storedOf(), receive(received))).toMatchObject({ eventsMissed: missed });
});

it("counts events that came again, also late ones", () => {
  const second = whole.slice(1, 3);
  expect(judgeGeneration(storedOf(), receive([...whole, ...second]))).toMatchObject({
    eventsMissed: 0,
    eventsRepeated: 2,
  });
});

it("sees that the numbers were right and the events others", () => {
  const other = whole.map((event) => (event.type === "file:delta" ? { ...event, text: "x" } : event));
  expect(judgeGeneration(storedOf(), receive(other))).toMatchObject({ eventsMissed: 0, isChanged: true });
});

it("takes the same event with its fields in another order for the same", () => {
  const turned = whole.map((event) => Object.fromEntries(Object.entries(event).toReversed()) as Numbered);
  expect(judgeGeneration(storedOf(), receive(turned)).isChanged).toBe(false);
});

it.each([
  ["two ends", number([...whole, { type: "completed", files: 1 }]), /2 ends/],
  ["no end", whole.slice(0, -1), /0 ends/],
  ["events after its end", number([...whole, { type: "progress", percent: 1, stage: "x" }]), /after its end/],
  [
    "a file of two runs",
    number([...whole.slice(0, 4), ...whole.slice(3, 4), ...whole.slice(4)]),
    /a\.txt is not/,
  ],
])("calls a generation with %s doubled", (_, events, words) => {
  const verdict = judgeGeneration(storedOf({ events }), receive(events));
  expect(verdict.isDoubled).toBe(true);
  expect(verdict.faults.join("\n")).toMatch(words);
});

it("calls one doubled whose files its log doesn't tell of, or whose log has gaps", () => {
  const extra = storedOf({ files: [...storedOf().files, { path: "b.txt", sha256 }] });
  expect(judgeGeneration(extra, receive(whole)).isDoubled).toBe(true);
  const gap = whole.filter(({ seq }) => seq !== 4);
  expect(judgeGeneration(storedOf({ events: gap, lastSeq: 7 }), undefined).isDoubled).toBe(true);
});
