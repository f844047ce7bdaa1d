import { findMedian } from "./benchmark-report";
import type { BenchmarkReport, Row, TargetResult } from "./benchmark-report";
import { spreadPercent } from "./statistics";

/** A benchmark as people read it. The ratio is to the baseline of the same group; spread is of the first column. */
export function formatReport(report: BenchmarkReport): string {
  const groups = [...new Set(report.rows.map((row) => row.group))];
  return [
    `${report.title}  (${report.name})`,
    report.method,
    "",
    ...groups.flatMap((group) => [...formatGroup(report, group), ""]),
    ...report.targets.map(formatTarget),
    ...report.remarks,
  ].join("\n");
}

function formatGroup(report: BenchmarkReport, group: string): string[] {
  const titles = [group, ...report.columns.map((column) => column.title), "ratio", "spread", ""];
  const lines = report.rows.filter((row) => row.group === group).map((row) => formatRow(report, row));
  return alignColumns([titles, ...lines.map((line) => line.cells)]).flatMap((text, index) => {
    const reason = index === 0 ? undefined : lines[index - 1]?.reason;
    return [reason === undefined ? text : `${text.trimEnd()}  ${reason}`];
  });
}

function formatRow(report: BenchmarkReport, row: Row): { cells: string[]; reason?: string } {
  if (row.status !== "measured") {
    return { cells: [`  ${row.contestant}`], reason: `${row.status}: ${row.reason ?? "no reason given"}` };
  }
  const figures = report.columns.map(({ key }) => {
    const figure = row.figures[key];
    return figure === undefined ? "-" : formatNumber(figure.median);
  });
  const main = row.figures[report.baseline.column];
  return {
    cells: [
      `  ${row.contestant}`,
      ...figures,
      formatRatio(report, row),
      main === undefined ? "-" : `${spreadPercent(main).toFixed(0)} %`,
    ],
    ...(row.note === undefined ? {} : { reason: row.note }),
  };
}

function formatRatio({ baseline, rows }: BenchmarkReport, { group, figures }: Row): string {
  const own = figures[baseline.column]?.median;
  const base = baseline.contestants.flatMap(
    (contestant) => findMedian(rows, { group, contestant, column: baseline.column }) ?? [],
  )[0];
  return own === undefined || base === undefined || base === 0 ? "-" : `${(own / base).toFixed(2)}x`;
}

function formatTarget({ text, status, measured }: TargetResult): string {
  return `target ${status}: ${text}${measured === undefined ? "" : ` (${measured})`}`;
}

/** Three digits that say something, thousands grouped. */
export function formatNumber(value: number): string {
  const size = Math.abs(value);
  if (size >= 100) return Math.round(value).toLocaleString("en-US");
  if (size >= 10) return value.toFixed(1);
  if (size >= 1 || value === 0) return value.toFixed(value === Math.round(value) ? 0 : 2);
  return size >= 0.01 ? value.toFixed(3) : value.toPrecision(2);
}

/** First column to the left, figures to the right. */
function alignColumns(lines: readonly (readonly string[])[]): string[] {
  const widths = (lines[0] ?? []).map((_, column) =>
    Math.max(...lines.map((line) => (line[column] ?? "").length)),
  );
  return lines.map((line) =>
    widths
      .map((width, column) => {
        const cell = line[column] ?? "";
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join("  ")
      .trimEnd(),
  );
}
