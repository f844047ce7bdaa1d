import type { Figure } from "./statistics";

/** What one contestant did in one group of rows that are comparable with each other. */
export interface Row {
  /** same conditions, as "Redis hit, 3 tags, 64 at once" */
  readonly group: string;
  readonly contestant: string;
  readonly status: "measured" | "failed" | "not run";
  /** why there are no figures */
  readonly reason?: string;
  /** by column key */
  readonly figures: Readonly<Record<string, Figure>>;
  readonly note?: string;
}

export interface Column {
  readonly key: string;
  readonly title: string;
}

/** What was aimed for, and whether it came true. A missed target is no failure of the command. */
export interface TargetResult {
  readonly text: string;
  readonly status: "met" | "missed" | "not measured";
  /** the figures that decided */
  readonly measured?: string;
}

/** Everything one benchmark found. */
export interface BenchmarkReport {
  readonly name: string;
  readonly title: string;
  /** how it was measured: closed or open loop, what is in the figures and what isn't */
  readonly method: string;
  readonly columns: readonly Column[];
  /** whose figure in which column is 1.00x: the first of these that was measured in the same group */
  readonly baseline: { readonly contestants: readonly string[]; readonly column: string };
  readonly rows: readonly Row[];
  readonly targets: readonly TargetResult[];
  readonly remarks: readonly string[];
}

/** @returns undefined when that row has no such figure */
export function findMedian(
  rows: readonly Row[],
  { group, contestant, column }: { group: string; contestant: string; column: string },
): number | undefined {
  const row = rows.find((one) => one.group === group && one.contestant === contestant);
  return row?.status === "measured" ? row.figures[column]?.median : undefined;
}
