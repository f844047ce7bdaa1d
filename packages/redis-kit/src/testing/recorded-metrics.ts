import type { KitMetrics } from "../metrics";

/** Figures as they were reported, by name and label values: "redis_epoch state". */
export interface RecordedMetrics extends KitMetrics {
  /** a gauge as it stands, or how much was counted; undefined if nobody has reported it */
  of(line: string): number | undefined;
}

/** Keeps gauges and counters; times are only counted. */
export function createRecordedMetrics(): RecordedMetrics {
  const values = new Map<string, number>();
  const lineOf = (name: string, labels: Readonly<Record<string, string>>) =>
    [name, ...Object.values(labels)].join(" ");
  const add = (line: string, by: number) => values.set(line, (values.get(line) ?? 0) + by);
  return {
    of: (line) => values.get(line),
    count(name, labels, by = 1) {
      add(lineOf(name, labels), by);
    },
    observe(name, labels) {
      add(lineOf(name, labels), 1);
    },
    set(name, labels, value) {
      values.set(lineOf(name, labels), value);
    },
  };
}
