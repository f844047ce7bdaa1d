import type { StepResult, TestCounts } from "./gate-step";

/** @returns the table of all steps, one line each */
export function formatSummary(results: readonly StepResult[]): string {
  const width = Math.max(...results.map(({ name }) => name.length));
  return results
    .map(({ name, status, durationMs, tests, detail }) => {
      const counts = tests === undefined ? undefined : formatCounts(tests);
      const remarks = [counts, detail].filter((remark) => remark !== undefined).join("; ");
      const seconds = `${(durationMs / 1_000).toFixed(1)} s`;
      return `  ${name.padEnd(width)}  ${status.padEnd(7)}  ${seconds.padStart(8)}  ${remarks}`.trimEnd();
    })
    .join("\n");
}

/**
 * Adds up the tests of all steps. A step that failed without a failed test, as a type check does, counts as one
 * failure: no failure is ever announced as "0 failed".
 */
export function addUpTests(results: readonly StepResult[]): TestCounts {
  const counts = { passed: 0, failed: 0, skipped: 0 };
  for (const { status, tests } of results) {
    counts.passed += tests?.passed ?? 0;
    counts.skipped += tests?.skipped ?? 0;
    counts.failed += Math.max(tests?.failed ?? 0, status === "failed" ? 1 : 0);
  }
  return counts;
}

export function formatCounts({ passed, failed, skipped }: TestCounts): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}
