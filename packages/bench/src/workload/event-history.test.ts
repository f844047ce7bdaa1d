import { createEventHistory } from "./event-history";

function take(...events: readonly (readonly [seq: number, type: string])[]) {
  let now = 0;
  const history = createEventHistory(() => (now += 10));
  for (const [seq, type] of events) history.take(JSON.stringify({ seq, type }));
  return history;
}

it("knows when each type came first, and that the end has come", () => {
  const history = take([1, "queued"], [2, "started"], [3, "file:delta"], [4, "file:delta"], [5, "completed"]);
  expect(history.fault).toBeUndefined();
  expect(history.lastSeq).toBe(5);
  expect(history.isEnded).toBe(true);
  expect([history.firstAt("queued"), history.firstAt("file:delta"), history.firstAt("log")]).toEqual([
    10,
    30,
    undefined,
  ]);
});

it.each([
  [
    "a gap",
    [
      [1, "queued"],
      [3, "started"],
    ],
    "event 3 came after event 1",
  ],
  [
    "a repeated event",
    [
      [1, "queued"],
      [1, "queued"],
    ],
    "event 1 came after event 1",
  ],
  [
    "two ends",
    [
      [1, "completed"],
      [2, "completed"],
    ],
    "event 2 came after the end",
  ],
  [
    "another end than wanted",
    [
      [1, "queued"],
      [2, "failed"],
    ],
    "the generation failed",
  ],
] as const)("finds %s", (_name, events, fault) => {
  expect(take(...events).fault).toBe(fault);
});
