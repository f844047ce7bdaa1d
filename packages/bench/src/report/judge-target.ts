import { findMedian } from "./benchmark-report";
import type { Row, TargetResult } from "./benchmark-report";

/** Two rows of each group whose ratio is to reach something. */
export interface RatioTarget {
  readonly text: string;
  readonly groups: readonly string[];
  readonly contestant: string;
  /** the best of these in each group is the one to beat */
  readonly against: readonly string[];
  readonly column: string;
  readonly atLeast: number;
}

/** Met when it is met in every group; the group that came out worst is told. */
export function judgeRatio(rows: readonly Row[], target: RatioTarget): TargetResult {
  const { text, column, atLeast } = target;
  const found = target.groups.flatMap((group) => {
    const own = findMedian(rows, { group, contestant: target.contestant, column });
    const others = target.against.flatMap(
      (contestant) => findMedian(rows, { group, contestant, column }) ?? [],
    );
    return own === undefined || others.length === 0 ? [] : [{ group, ratio: own / Math.max(...others) }];
  });
  const worst = found.toSorted((a, b) => a.ratio - b.ratio)[0];
  if (worst === undefined || found.length < target.groups.length) return { text, status: "not measured" };
  return {
    text,
    status: worst.ratio >= atLeast ? "met" : "missed",
    measured: found.map(({ group, ratio }) => `${group}: ${ratio.toFixed(2)}x`).join("; "),
  };
}
