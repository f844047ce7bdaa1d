import { writeFileSync } from "node:fs";
import { spreadPercent } from "./statistics";
import type { BenchmarkReport, Row } from "./benchmark-report";
import type { MachineFacts } from "./machine-facts";

export interface BenchRun {
  readonly startedAt: Date;
  readonly quick: boolean;
  /** of every random choice; the same seed makes the same choices */
  readonly seed: number;
  readonly machine: MachineFacts;
  readonly reports: readonly BenchmarkReport[];
}

/** Every row with the figures of every round, and what is needed to make the run again. */
export function writeJsonReport(path: string, run: BenchRun): void {
  writeFileSync(path, `${JSON.stringify(describeRun(run), null, 2)}\n`);
}

export function describeRun({ startedAt, quick, seed, machine, reports }: BenchRun) {
  return {
    date: startedAt.toISOString(),
    quick,
    seeds: { keys: seed },
    machine,
    benchmarks: reports.map((report) => ({ ...report, rows: report.rows.map(describeRow) })),
  };
}

function describeRow(row: Row) {
  const figures = Object.entries(row.figures).map(
    ([key, figure]) => [key, { ...figure, spreadPercent: spreadPercent(figure) }] as const,
  );
  return { ...row, figures: Object.fromEntries(figures) };
}
