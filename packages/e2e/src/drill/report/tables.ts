import type { DrillResult } from "../drill-result";
import type { WindowStatistics } from "../measure/window-statistics";
import type { FaultRow } from "../run-fault";
import type { OverloadRow } from "../run-overload";

/** Titles and rows of text, first column to the left. */
export interface Table {
  readonly titles: readonly string[];
  readonly rows: readonly (readonly string[])[];
}

/** One row per fault: what people felt, how long, and what was lost. */
export function createFaultTable(rows: readonly FaultRow[]): Table {
  return {
    titles: [
      "fault",
      "requests",
      "failed",
      "told to wait",
      "p50 before, during, after",
      "p99 before, during, after",
      "noticed",
      "normal again",
      "answers good again",
      "generations",
      "lost",
      "doubled",
      "events",
      "missed",
      "repeated",
      "revoked let in",
    ],
    rows: rows.map((row) => {
      const { before, during, after, generations, revoked } = row;
      const both = (count: (window: WindowStatistics) => number): string =>
        formatCount(count(during) + count(after));
      return [
        row.title,
        both(({ requests }) => requests),
        both(({ errors }) => errors),
        both(({ shed }) => shed),
        [before, during, after].map(({ p50Ms }) => formatMs(p50Ms)).join(" / "),
        [before, during, after].map(({ p99Ms }) => formatMs(p99Ms)).join(" / "),
        row.nextAttemptMs === null ? formatSeconds(row.detectionMs) : formatSeconds(row.nextAttemptMs),
        formatSeconds(row.normalMs),
        formatSeconds(row.calmMs),
        formatCount(generations.acknowledged),
        formatCount(generations.lost),
        formatCount(generations.doubled),
        formatCount(generations.eventsChecked),
        formatCount(generations.eventsMissed),
        formatCount(generations.eventsRepeated + generations.eventsChanged),
        `${revoked.accepted} of ${formatCount(revoked.tries)}`,
      ];
    }),
  };
}

export function createOverloadTable(rows: readonly OverloadRow[]): Table {
  return {
    titles: [
      "offered",
      "requests/s",
      "admitted/s",
      "told to wait",
      "failed",
      "p50 admitted",
      "p99 admitted",
      "p99 told to wait",
      "generations admitted",
      "told to wait",
      "lost",
      "memory, all",
      "memory, worst",
    ],
    rows: rows.map((row) => [
      row.name,
      formatCount(row.offeredPerSecond),
      formatCount(row.all.ok / row.all.seconds),
      formatShare(row.all.shed, row.all.requests),
      formatCount(row.all.errors),
      formatMs(row.all.p50Ms),
      formatMs(row.all.p99Ms),
      formatMs(row.all.shedP99Ms),
      formatCount(row.submits.ok),
      formatCount(row.submits.shed),
      formatCount(row.generations.lost),
      formatMegabytes(row.memory?.sumBytes),
      row.memory === null ? "-" : `${formatMegabytes(row.memory.worstBytes)} (${row.memory.worst})`,
    ]),
  };
}

const busyNote =
  "Other programs kept the machine busy meanwhile: what was lost, doubled, missed or repeated stands, the times say little.";

/** What makes the figures comparable, in one paragraph. */
export function describeConditions({ machine, stack, capacity, seed, ...result }: DrillResult): string {
  const { workers, notifiers, gateways } = stack;
  return (
    `${machine.cores} cores (${machine.cpu}), ${formatMegabytes(machine.memoryBytes)} of memory, Node ${machine.node}, ` +
    `Redis ${machine.redis}, Postgres ${machine.postgres}; load of the machine at the start ${machine.loadAtStart.toFixed(1)}. ` +
    `${gateways} gateways, ${workers} workers, ${notifiers} notification nodes, the servers, proxies before them and the drill itself share them. ` +
    `Capacity measured first: ${formatCount(capacity.readsPerSecond)} requests/s together with ` +
    `${capacity.generationsPerSecond.toFixed(1)} generations/s; faults happened at half of it. ` +
    `Seed ${seed}, ${result.startedAt.slice(0, 10)}${result.quick ? "; quick, so the figures say little about speed" : ""}.` +
    (machine.loadAtStart > machine.cores ? ` ${busyNote}` : "")
  );
}

/** Lined up for a terminal. */
export function formatTable({ titles, rows }: Table): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? "").length)));
  return lines
    .map((line) =>
      widths
        .map((width, column) => {
          const cell = line[column] ?? "";
          return column === 0 ? cell.padEnd(width) : cell.padStart(width);
        })
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

/** As prettier would line it up, so that a README that holds it passes its check. */
export function formatMarkdownTable({ titles, rows }: Table): string {
  const lines = [titles, ...rows];
  const widths = titles.map((_, column) => Math.max(3, ...lines.map((line) => (line[column] ?? "").length)));
  const format = (line: readonly string[]): string =>
    `| ${widths
      .map((width, column) => {
        const cell = line[column] ?? "";
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [format(titles), format(rule), ...rows.map(format)].join("\n");
}

export function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

export function formatMs(value: number | null): string {
  if (value === null) return "-";
  return value < 10 ? value.toFixed(1) : formatCount(value);
}

/** "-" where there was nothing to be noticed, or it never came. */
export function formatSeconds(valueMs: number | null): string {
  return valueMs === null ? "-" : `${(valueMs / 1_000).toFixed(1)} s`;
}

function formatShare(count: number, of: number): string {
  return of === 0 ? "-" : `${((count / of) * 100).toFixed(1)} %`;
}

function formatMegabytes(bytes: number | undefined): string {
  return bytes === undefined ? "-" : `${formatCount(bytes / 1_048_576)} MB`;
}
