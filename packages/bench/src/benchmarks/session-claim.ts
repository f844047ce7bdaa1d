import { findMedian } from "../report/benchmark-report";
import type { Row } from "../report/benchmark-report";

/** The guide says: Redis sessions are over 90 % faster than database sessions. This says what was measured. */
export function describeClaim(
  rows: readonly Row[],
  { redis, databases }: { readonly redis: string; readonly databases: readonly string[] },
): string[] {
  const found = [...new Set(rows.map((row) => row.group))].flatMap((group) =>
    databases.flatMap((database) => {
      const time = (contestant: string) => findMedian(rows, { group, contestant, column: "p50Ms" });
      const rate = (contestant: string) =>
        findMedian(rows, { group, contestant, column: "operationsPerSecond" });
      const [fastMs, slowMs, fast, slow] = [time(redis), time(database), rate(redis), rate(database)];
      if (fastMs === undefined || slowMs === undefined || fast === undefined || slow === undefined) return [];
      const less = (1 - fastMs / slowMs) * 100;
      const more = (fast / slow - 1) * 100;
      return [
        `  ${group}, against ${database}: ${describeChange(less, "less", "more")} time at the median, ` +
          `${describeChange(more, "more", "fewer")} per second`,
      ];
    }),
  );
  if (found.length === 0) return [];
  return [
    'The claim "Redis sessions are over 90 % faster than database sessions", and what is true here:',
    ...found,
  ];
}

function describeChange(percent: number, above: string, below: string): string {
  return `${Math.abs(percent).toFixed(0)} % ${percent >= 0 ? above : below}`;
}
