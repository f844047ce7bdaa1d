import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { StepResult } from "./gate-step";
import { addUpTests, formatCounts, formatSummary } from "./gate-summary";
import { findFailedFiles, readTestCounts } from "./jest-step";

function createResult(result: Partial<StepResult>): StepResult {
  return { name: "step", status: "passed", durationMs: 1_234, ...result };
}

describe("the gate's sum", () => {
  it("adds up the tests of all steps", () => {
    const results = [
      createResult({ tests: { passed: 5, failed: 0, skipped: 1 } }),
      createResult({ tests: { passed: 2, failed: 0, skipped: 0 } }),
      createResult({}),
    ];
    expect(formatCounts(addUpTests(results))).toBe("7 passed, 0 failed, 1 skipped");
  });

  it("counts a step that failed without a failed test as a failure", () => {
    const results = [
      createResult({ status: "failed" }),
      createResult({ status: "failed", tests: { passed: 3, failed: 0, skipped: 0 } }),
      createResult({ status: "failed", tests: { passed: 3, failed: 2, skipped: 0 } }),
    ];
    expect(addUpTests(results)).toEqual({ passed: 6, failed: 4, skipped: 0 });
  });

  it("shows one line a step, with its time and what there is to know", () => {
    const table = formatSummary([
      createResult({ name: "types" }),
      createResult({
        name: "end-to-end tests",
        status: "failed",
        detail: "took too long",
        tests: { passed: 1, failed: 1, skipped: 0 },
      }),
    ]);
    expect(table.split("\n")).toEqual([
      "  types             passed      1.2 s",
      "  end-to-end tests  failed      1.2 s  1 passed, 1 failed, 0 skipped; took too long",
    ]);
  });
});

describe("the counts of a jest run", () => {
  const directory = mkdtempSync(join(tmpdir(), "counts-"));
  afterAll(() => {
    rmSync(directory, { recursive: true });
  });

  it("count a file that could not be run as a failure", () => {
    const file = join(directory, "result.json");
    writeFileSync(
      file,
      JSON.stringify({
        numPassedTests: 4,
        numFailedTests: 1,
        numPendingTests: 2,
        numTodoTests: 1,
        numRuntimeErrorTestSuites: 1,
      }),
    );
    expect(readTestCounts(file)).toEqual({ passed: 4, failed: 2, skipped: 3 });
  });

  it("are one failure when jest left no result", () => {
    expect(readTestCounts(join(directory, "none.json"))).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it("name the files of which something failed, and none when jest left no result", () => {
    const file = join(directory, "files.json");
    const testResults = [
      { name: "/a.test.ts", status: "passed" },
      { name: "/b.test.ts", status: "failed" },
    ];
    writeFileSync(file, JSON.stringify({ testResults }));
    expect(findFailedFiles(file)).toEqual(["/b.test.ts"]);
    expect(findFailedFiles(join(directory, "none.json"))).toEqual([]);
  });
});
