import type { BenchmarkReport } from "./benchmark-report";
import { summarizeRounds } from "./statistics";
import { formatNumber, formatReport } from "./table";

const report: BenchmarkReport = {
  name: "reads",
  title: "Reads",
  method: "closed loop",
  columns: [
    { key: "rate", title: "reads/s" },
    { key: "p99Ms", title: "p99 ms" },
  ],
  baseline: { contestants: ["absent", "raw"], column: "rate" },
  rows: [
    row("one at a time", "raw", { rate: [9000, 11000, 10000], p99Ms: [0.5, 0.25, 0.25] }),
    row("one at a time", "ours", { rate: [20000], p99Ms: [12.345] }),
    { group: "one at a time", contestant: "peer", status: "not run", reason: "no network", figures: {} },
    row("64 at once", "ours", { rate: [1] }),
  ],
  targets: [{ text: "ours >= 1x raw", status: "met", measured: "2.00x" }],
  remarks: ["Remark."],
};

function row(group: string, contestant: string, rounds: Record<string, number[]>) {
  const figures = Object.fromEntries(
    Object.entries(rounds).map(([key, values]) => [key, summarizeRounds(values)]),
  );
  return { group, contestant, status: "measured", figures } as const;
}

it("shows medians, the ratio to the baseline of the same group, and the spread", () => {
  expect(formatReport(report).split("\n")).toEqual([
    "Reads  (reads)",
    "closed loop",
    "",
    "one at a time  reads/s  p99 ms  ratio  spread",
    "  raw           10,000   0.250  1.00x    20 %",
    "  ours          20,000    12.3  2.00x     0 %",
    "  peer  not run: no network",
    "",
    "64 at once  reads/s  p99 ms  ratio  spread",
    "  ours            1       -      -     0 %",
    "",
    "target met: ours >= 1x raw (2.00x)",
    "Remark.",
  ]);
});

it("writes numbers with about three digits", () => {
  expect([1234567.8, 123.4, 12.34, 1.234, 3, 0.1234, 0.000456, 0].map(formatNumber)).toEqual([
    "1,234,568",
    "123",
    "12.3",
    "1.23",
    "3",
    "0.123",
    "0.00046",
    "0",
  ]);
});
