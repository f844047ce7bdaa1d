import { addUp, isClean, type DrillResult } from "../drill-result";
import type { GenerationAccount } from "../history/generation-ledger";
import type { WindowStatistics } from "../measure/window-statistics";
import { formatMarkdown } from "./markdown";
import { createFaultTable, createOverloadTable, describeConditions, formatTable } from "./tables";

const windowOf = (change: Partial<WindowStatistics> = {}): WindowStatistics => ({
  seconds: 10,
  requests: 1_000,
  ok: 1_000,
  shed: 0,
  errors: 0,
  retried: 0,
  p50Ms: 4.25,
  p99Ms: 21.7,
  maxMs: 90,
  shedP99Ms: null,
  reasons: {},
  ...change,
});
const generations: GenerationAccount = {
  acknowledged: 41,
  ended: 41,
  failed: 0,
  lost: 0,
  doubled: 0,
  eventsChecked: 5_000,
  eventsMissed: 0,
  eventsRepeated: 0,
  eventsChanged: 0,
  faults: [],
};
const revoked = { signedOut: 6, unanswered: 0, tries: 700, accepted: 0, faults: [] };
const result: DrillResult = {
  startedAt: "2026-01-02T03:04:05.000Z",
  quick: false,
  seed: 7,
  machine: {
    cores: 2,
    cpu: "a processor",
    memoryBytes: 8 * 1_024 ** 3,
    platform: "linux",
    node: "v20.19.0",
    redis: "7.0.15",
    postgres: "18",
    loadAtStart: 0.25,
  },
  stack: { workers: 3, notifiers: 2, gateways: 2, env: {} },
  capacity: { readsPerSecond: 400, generationsPerSecond: 5.25, measuredSeconds: 12 },
  faults: [
    {
      name: "redis-killed",
      title: "Redis killed",
      lastedMs: 8_100,
      before: windowOf(),
      during: windowOf({ errors: 2, shed: 3, p99Ms: 180.4 }),
      after: windowOf({ errors: 1 }),
      detectionMs: 140,
      normalMs: 1_940,
      calmMs: 250,
      nextAttemptMs: null,
      handedOver: 0,
      generations,
      revoked,
    },
  ],
  overload: [
    {
      name: "3x capacity",
      multiple: 3,
      offeredPerSecond: 1_200,
      reads: windowOf(),
      submits: windowOf({ ok: 30, shed: 130 }),
      all: windowOf({ requests: 12_000, ok: 4_000, shed: 8_000, shedP99Ms: 12 }),
      memory: { sumBytes: 900 * 1_048_576, worstBytes: 150 * 1_048_576, worst: "api-gateway-1" },
      openAtEnd: 40,
      generations,
      revoked,
    },
  ],
  warmUp: generations,
  unasked: 0,
  ownDelayP99Ms: 2,
  totals: { lost: 0, doubled: 0, eventsMissed: 0, eventsRepeated: 0, revokedAccepted: 0 },
};

it("tells of each fault what people felt, how long it lasted, and what it cost", () => {
  const { titles, rows } = createFaultTable(result.faults);
  const told = Object.fromEntries(titles.map((title, column) => [title, rows[0]?.[column]]));
  expect(told).toMatchObject({
    fault: "Redis killed",
    requests: "2,000",
    failed: "3",
    "told to wait": "3",
    "p99 before, during, after": "22 / 180 / 22",
    noticed: "0.1 s",
    "normal again": "1.9 s",
    lost: "0",
    "revoked let in": "0 of 700",
  });
});

it("tells of each step what came through, what didn't, and the memory it took", () => {
  const { rows } = createOverloadTable(result.overload);
  expect(rows[0]).toEqual(
    expect.arrayContaining(["3x capacity", "1,200", "400", "66.7 %", "900 MB", "150 MB (api-gateway-1)"]),
  );
});

it("writes Markdown with its columns lined up and the conditions below", () => {
  const markdown = formatMarkdown(result);
  expect(markdown).toContain("| Redis killed");
  expect(markdown).toContain("400 requests/s together with 5.3 generations/s");
  expect(markdown).toContain("Seed 7, 2026-01-02.");
  const tables = markdown.split("\n\n").filter((part) => part.startsWith("|"));
  expect(tables).toHaveLength(2);
  for (const table of tables) expect(new Set(table.split("\n").map((line) => line.length)).size).toBe(1);
});

it("says so when other programs had the machine busy", () => {
  expect(describeConditions(result)).not.toContain("busy");
  const busy = { ...result, machine: { ...result.machine, loadAtStart: 9 } };
  expect(describeConditions(busy)).toContain("Other programs kept the machine busy");
});

it("lines the terminal's table up", () => {
  const lines = formatTable({ titles: ["a", "bb"], rows: [["long name", "1"]] }).split("\n");
  expect(lines).toEqual(["a          bb", "long name   1"]);
});

it("adds up what must be nothing, over all rows and what nobody asked for", () => {
  const bad = { ...generations, lost: 1, doubled: 1, eventsMissed: 2, eventsRepeated: 3, eventsChanged: 1 };
  const totals = addUp([{ generations: bad, revoked: { ...revoked, accepted: 1 } }, { generations: bad }], 4);
  expect(totals).toEqual({ lost: 2, doubled: 6, eventsMissed: 4, eventsRepeated: 8, revokedAccepted: 1 });
  expect(isClean(totals)).toBe(false);
  expect(isClean(addUp([{ generations, revoked }], 0))).toBe(true);
});
