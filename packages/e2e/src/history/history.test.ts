import { createHash, randomUUID } from "node:crypto";
import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { checkClaims, findUnexcused, type RowChange, type RowState } from "./claim-checks";
import { findDifferences, findFaults, findLost, findResultFaults, type StoredFile } from "./event-checks";
import { findInboxFaults, findSequenceFaults } from "./inbox-checks";
import { findSessionFaults, type SessionProbe } from "./session-checks";

const id = randomUUID();
const digest = (text: string) => createHash("sha256").update(text).digest("hex");
const log = (...bodies: GenerationEventBody[]): GenerationEvent[] =>
  bodies.map((body, index) => ({
    ...body,
    generationId: id,
    seq: index + 1,
    at: new Date(index).toISOString(),
  }));

const whole = log(
  { type: "queued" },
  { type: "started", attempt: 1 },
  { type: "file:opened", path: "a.ts", op: "write" },
  { type: "file:delta", path: "a.ts", text: "lost" },
  { type: "started", attempt: 2 },
  { type: "file:opened", path: "a.ts", op: "write" },
  { type: "file:delta", path: "a.ts", text: "one " },
  { type: "file:delta", path: "a.ts", text: "two" },
  { type: "file:completed", path: "a.ts", bytes: 7, sha256: digest("one two") },
  { type: "completed", files: 1 },
);
const file: StoredFile = {
  path: "a.ts",
  content: "one two",
  bytes: 7,
  sha256: digest("one two"),
  partial: false,
};

describe("A subscriber's history", () => {
  it("is well when every event came once, in order, up to one end", () => {
    expect(findFaults(whole, id)).toEqual([]);
    expect(findDifferences(whole, whole)).toEqual([]);
  });

  it.each<[string, (events: GenerationEvent[]) => GenerationEvent[], RegExp]>([
    ["misses an event", (events) => events.toSpliced(3, 1), /seq 4 was missed/],
    ["misses the end", (events) => events.slice(0, -1), /seq 10 was missed/],
    ["repeats an event", (events) => events.toSpliced(3, 0, events[3]!), /seq 4 came 2 times/],
    [
      "has two in the wrong order",
      (events) => [...events.slice(0, 3), events[4]!, events[3]!, ...events.slice(5)],
      /seq 4 came after 5/,
    ],
    ["has one too many", (events) => [...events, { ...events[9]!, seq: 11 }], /seq 11 is not in the log/],
    [
      "has another text",
      (events) => events.with(6, { ...events[6]!, text: "0ne " } as GenerationEvent),
      /seq 7 says something else/,
    ],
  ])("shows when it %s", (_, forge, fault) => {
    const forged = forge([...whole]);
    expect(findDifferences(forged, whole).join("\n")).toMatch(fault);
    const isTextOnly = forged.every(({ seq }, index) => seq === index + 1) && forged.length === whole.length;
    if (!isTextOnly) expect(findFaults(forged, id)).not.toEqual([]);
  });

  it("shows an event of another generation, a second end, and what comes after the end", () => {
    expect(findFaults(whole.with(1, { ...whole[1]!, generationId: "x" }), id).join()).toMatch(/is of x/);
    const twice = [...whole, { ...whole[9]!, seq: 11 }];
    expect(findFaults(twice, id).join()).toMatch(/2 final events/);
    const after = [...whole, { ...whole[4]!, seq: 11 }];
    expect(findFaults(after, id).join()).toMatch(/events after the final one/);
  });
});

describe("A result", () => {
  type Forged = [log: readonly GenerationEvent[], stored: readonly StoredFile[]];

  it("is well when rows, events and digests agree", () => {
    expect(findResultFaults(whole, [file])).toEqual([]);
  });

  it.each<[string, Forged, RegExp]>([
    ["a file is missing", [whole, []], /was completed, but is not stored/],
    ["a file has another text", [whole, [{ ...file, content: "one twi" }]], /not what its row says/],
    [
      "a file is another run's",
      [whole, [{ ...file, content: "0ne two", sha256: digest("0ne two") }]],
      /not what its events said[^]*another digest/,
    ],
    ["a file was never closed", [whole.toSpliced(8, 1), [file]], /never completed/],
    ["there is one too many", [whole, [file, { ...file, path: "b.ts" }]], /2 files are stored, 1 were said/],
    ["a file is marked as partial", [whole, [{ ...file, partial: true }]], /complete, but marked partial/],
  ])("shows when %s", (_, [events, stored], fault) => {
    expect(findResultFaults(events, stored).join("\n")).toMatch(fault);
  });

  it("takes the text of a cancelled run's open file, marked, for what it is", () => {
    const open = log(
      { type: "file:opened", path: "a.ts", op: "write" },
      { type: "file:delta", path: "a.ts", text: "one" },
      { type: "cancelled" },
    );
    const partial = { ...file, content: "one", bytes: 3, sha256: digest("one"), partial: true };
    expect(findResultFaults(open, [partial])).toEqual([]);
    expect(findResultFaults(open, [{ ...partial, partial: false }]).join()).toMatch(/never completed/);
  });
});

it("shows what was acknowledged and is lost or stuck", () => {
  const statuses = new Map([
    ["a", "completed"],
    ["b", "running"],
    ["d", "cancelled"],
  ]);
  expect(findLost(["a", "b", "c", "d"], statuses)).toEqual({ lost: ["c"], open: ["b"] });
});

describe("A row's history", () => {
  const queued: RowState = {
    status: "queued",
    token: 0,
    attempt: 0,
    lastSeq: 1,
    holder: null,
    leaseEndsAt: null,
  };
  const running: RowState = {
    status: "running",
    token: 1,
    attempt: 1,
    lastSeq: 1,
    holder: "w1",
    leaseEndsAt: 6_000,
  };
  const begun: Step[] = [
    ["api-gateway", null, queued],
    ["w1", queued, running],
  ];
  type Step = [who: string, before: RowState | null, after: RowState, at?: number];
  const check = (...steps: Step[]) =>
    checkClaims(
      steps.map(([who, before, after, at]): RowChange => ({
        generationId: "g",
        who,
        before,
        after,
        at: at ?? 1_000,
      })),
    );
  const grown = { ...running, lastSeq: 9 };
  const back: RowState = { ...queued, token: 2, attempt: 1, lastSeq: 9 };

  it("is well when its holder writes and ends it", () => {
    const completed = { ...grown, status: "completed", holder: null, leaseEndsAt: null };
    expect(check(...begun, ["w1", running, grown], ["w1", grown, completed]).faults).toEqual([]);
  });

  it("tells a lost lease, a failed run and one handed back apart", () => {
    const lost = check(...begun, ["w1", running, grown], ["w2", grown, back, 6_500]);
    expect(lost).toMatchObject({
      faults: [],
      lostLeases: [{ holder: "w1", at: 6_500, hasWritten: true }],
      failedRuns: [],
    });
    const ownSweep = check(...begun, ["w1", running, grown], ["w1", grown, back, 6_500]);
    expect(ownSweep).toMatchObject({ faults: [], lostLeases: [{ holder: "w1" }], failedRuns: [] });
    const failed = check(...begun, ["w1", running, grown], ["w1", grown, back]);
    expect(failed).toMatchObject({ faults: [], lostLeases: [], failedRuns: [{ generationId: "g" }] });
    const handed = check(...begun, ["w1", running, grown], ["w1", grown, { ...back, attempt: 0 }]);
    expect(handed).toMatchObject({ faults: [], lostLeases: [], failedRuns: [] });
  });

  it.each<[string, Step, RegExp]>([
    ["somebody else writes to a run", ["w2", running, grown], /w2 wrote to the run of w1/],
    [
      "somebody else completes it",
      ["w2", running, { ...running, status: "completed" }],
      /w2 completed the run of w1/,
    ],
    [
      "it is claimed twice",
      ["w2", running, { ...running, token: 2, holder: "w2" }],
      /claimed by w2 while w1 ran it/,
    ],
    [
      "it is taken before its lease is over",
      ["w2", running, { ...back, lastSeq: 1 }, 5_000],
      /whose lease was not over/,
    ],
    ["its token goes back", ["w1", running, { ...grown, token: 0 }], /token went from 1 back to 0/],
    ["its sequence goes back", ["w1", running, { ...running, lastSeq: 0 }], /sequence went back/],
    ["a change went unseen", ["w1", grown, grown], /a change went unseen/],
    [
      "a cancel leaves the token",
      ["api-gateway", running, { ...running, status: "cancelled" }],
      /without a new token/,
    ],
    ["a run's end adds an attempt", ["w1", running, { ...back, attempt: 2 }], /attempt 1 became 2/],
  ])("shows when %s", (_, step, fault) => {
    expect(check(...begun, step).faults.join("\n")).toMatch(fault);
  });

  it("shows a claim that counts wrongly, and an end that is none", () => {
    expect(
      check(["api-gateway", null, queued], ["w1", queued, { ...running, attempt: 2 }]).faults.join(),
    ).toMatch(/claim made attempt 0 2/);
    const completed = { ...running, status: "completed", holder: null };
    expect(check(...begun, ["w1", running, completed], ["w2", completed, running]).faults.join()).toMatch(
      /went completed → running/,
    );
  });

  it("excuses a lost lease only by what happened to its worker", () => {
    const lost = [{ generationId: "g", holder: "w1", at: 10_000, hasWritten: true }];
    const excuse = { name: "kill", from: 2_000, to: 2_500, holders: ["w1"] };
    expect(findUnexcused(lost, [excuse], { graceMs: 8_000 })).toEqual([]);
    expect(findUnexcused(lost, [excuse], { graceMs: 5_000 })).toHaveLength(1);
    expect(findUnexcused(lost, [{ ...excuse, holders: ["w2"] }], { graceMs: 8_000 })).toHaveLength(1);
    expect(findUnexcused(lost, [{ name: "Postgres", from: 2_000, to: 9_000 }], { graceMs: 8_000 })).toEqual(
      [],
    );
    const broken = { name: "resets", from: 2_000, to: 9_000, onlyUnwritten: true };
    expect(findUnexcused(lost, [broken], { graceMs: 8_000 })).toHaveLength(1);
    expect(findUnexcused([{ ...lost[0]!, hasWritten: false }], [broken], { graceMs: 8_000 })).toEqual([]);
  });
});

describe("A session's history", () => {
  const probe = (sentAt: number, status: number | undefined): SessionProbe => ({
    session: "s",
    gateway: "g1",
    sentAt,
    answeredAt: sentAt + 50,
    status,
  });
  const ended = [{ session: "s", askedAt: 900, answeredAt: 1_000 }];
  const check = (...probes: SessionProbe[]) => findSessionFaults(probes, ended, { acceptedForMs: 1_000 });

  it("is well when it is accepted before its end and refused after it", () => {
    expect(
      check(
        probe(0, 200),
        probe(950, 401),
        probe(1_900, 200),
        probe(2_100, 401),
        probe(2_200, 503),
        probe(3_000, undefined),
      ),
    ).toEqual([]);
  });
  it("shows when it is accepted after its end", () => {
    expect(check(probe(2_001, 200)).join()).toMatch(/accepted s 1001 ms after/);
  });
  it("shows when it is refused before its end", () => {
    expect(check(probe(849, 401)).join()).toMatch(/refused s/);
    // Sent before, worked off after it.
    expect(check(probe(899, 401))).toEqual([]);
    expect(findSessionFaults([probe(5_000, 401)], [], { acceptedForMs: 0 })).toHaveLength(1);
  });
});

describe("An inbox", () => {
  it("is well when each connection goes on from the oldest unread without a gap", () => {
    expect(findInboxFaults([[1, 2], [1, 2, 3, 4], []], 4)).toEqual([]);
  });
  it.each<[string, number[][], RegExp]>([
    ["a gap", [[1, 2, 4]], /4 where 3 was due/],
    ["a repetition", [[1, 2, 2, 3, 4]], /2 where 3 was due/],
    ["one that never came", [[2, 3, 4]], /1 was never sent/],
    ["one that is not there", [[1, 2, 3, 4, 5]], /5 is not in the inbox/],
  ])("shows %s", (_, connections, fault) => {
    expect(findInboxFaults(connections, 4).join("\n")).toMatch(fault);
  });
  it("has gapless sequences in Postgres", () => {
    expect(findSequenceFaults([2, 1, 3])).toEqual([]);
    expect(findSequenceFaults([1, 3])).toHaveLength(1);
    expect(findSequenceFaults([1, 1])).toHaveLength(1);
  });
});
