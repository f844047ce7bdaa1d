import type { DrillResult } from "../drill-result";
import type { WindowStatistics } from "../measure/window-statistics";
import type { FaultRow } from "../run-fault";
import {
  createOverloadTable,
  describeConditions,
  formatCount,
  formatMarkdownTable,
  formatMs,
  formatSeconds,
  type Table,
} from "./tables";

/** The headline of a README: two tables and what they were measured on. */
export function formatMarkdown(result: DrillResult): string {
  return [
    ...(result.faults.length === 0 ? [] : [formatMarkdownTable(createHeadline(result.faults)), ""]),
    ...(result.overload.length === 0 ? [] : [formatMarkdownTable(createOverloadTable(result.overload)), ""]),
    describeConditions(result),
    "",
  ].join("\n");
}

/** Of the whole table what a reader asks first. */
export function createHeadline(rows: readonly FaultRow[]): Table {
  return {
    titles: [
      "fault, at half load",
      "requests",
      "failed",
      "told to wait",
      "p99 ms before / during / after",
      "noticed",
      "normal again",
      "generations",
      "lost / doubled",
      "events missed / repeated",
      "revoked sessions let in",
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
        [before, during, after].map(({ p99Ms }) => formatMs(p99Ms)).join(" / "),
        formatSeconds(row.nextAttemptMs ?? row.detectionMs),
        formatSeconds(row.normalMs),
        formatCount(generations.acknowledged),
        `${generations.lost} / ${generations.doubled}`,
        `${generations.eventsMissed} / ${generations.eventsRepeated + generations.eventsChanged}`,
        formatCount(revoked.accepted),
      ];
    }),
  };
}
