import { existsSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import { checkoutRoot } from "../checkout";
import { runGateCommand } from "./gate-command";
import type { Step, TestCounts } from "./gate-step";

interface JestOptions {
  readonly name: string;
  readonly configFile: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logDirectory: string;
  readonly timeoutMs: number;
  readonly onProgress: (line: string) => void;
  /**
   * A few files that fail beside others are run once more, alone, and the step passes if they do, saying which:
   * they wait for real servers, which on a machine full of other tests may be late. Default: false.
   */
  readonly repeatsFailed?: boolean;
}

/** More than these don't fail by chance. */
const mostRepeated = 5;
const heartbeatMs = 20_000;

/** A run of jest that counts what passed, tells of failures at once, and shows now and then that it is alive. */
export function createJestStep(options: JestOptions): Step {
  return { name: options.name, run: () => runJest(options) };
}

async function runJest(options: JestOptions): ReturnType<Step["run"]> {
  const first = await runFiles(options, options.name, options.args);
  const failed = options.repeatsFailed === true && !first.timedOut ? findFailedFiles(first.outputFile) : [];
  if (first.status === "passed" || failed.length === 0 || failed.length > mostRepeated) return first;
  const names = failed.map((file) => relative(checkoutRoot, file)).join(", ");
  options.onProgress(`once more, alone: ${names}`);
  const again = await runFiles(options, `${options.name} again`, [
    "--runInBand",
    "--runTestsByPath",
    ...failed,
  ]);
  if (again.status === "failed") return { ...first, detail: "failed alone, too" };
  const passed = first.tests.passed + first.tests.failed;
  return {
    ...again,
    tests: { ...first.tests, passed, failed: 0 },
    detail: `passed only alone: ${names}`,
  };
}

async function runFiles(options: JestOptions, name: string, args: readonly string[]) {
  const { configFile, env, logDirectory, timeoutMs, onProgress } = options;
  const slug = name.replaceAll(/\W+/g, "-");
  const logFile = join(logDirectory, `${slug}.log`);
  const outputFile = join(logDirectory, `${slug}.json`);
  const suites = { passed: 0, failed: 0 };
  const heartbeat = setInterval(() => {
    onProgress(
      `${name}: ${suites.passed} files passed${suites.failed > 0 ? `, ${suites.failed} failed` : ""} so far`,
    );
  }, heartbeatMs);
  const { ok, timedOut } = await runGateCommand({
    command: process.execPath,
    args: [
      join(checkoutRoot, "node_modules/jest/bin/jest.js"),
      "-c",
      configFile,
      "--ci",
      "--json",
      `--outputFile=${outputFile}`,
      ...args,
    ],
    env,
    logFile,
    timeoutMs,
    onLine: (line) => {
      if (line.startsWith("PASS ")) suites.passed += 1;
      if (!line.startsWith("FAIL ")) return;
      suites.failed += 1;
      onProgress(line);
    },
  });
  clearInterval(heartbeat);
  const tests = readTestCounts(outputFile);
  const isComplete = existsSync(outputFile);
  const detail = timedOut ? "took too long" : isComplete ? undefined : "ended without a result";
  const status = ok && isComplete ? ("passed" as const) : ("failed" as const);
  return { status, tests, logFile, detail, outputFile, timedOut };
}

interface JestResult {
  readonly numPassedTests: number;
  readonly numFailedTests: number;
  readonly numPendingTests: number;
  readonly numTodoTests: number;
  readonly numRuntimeErrorTestSuites: number;
  readonly testResults?: readonly { readonly name: string; readonly status: string }[];
}

/** @returns the files of which something failed, as absolute paths */
export function findFailedFiles(outputFile: string): string[] {
  if (!existsSync(outputFile)) return [];
  const { testResults = [] } = JSON.parse(readFileSync(outputFile, "utf8")) as JestResult;
  return testResults.filter(({ status }) => status === "failed").map(({ name }) => name);
}

/** @returns what jest counted; a file that could not even be run counts as one failure, and so does no answer at all */
export function readTestCounts(outputFile: string): TestCounts {
  if (!existsSync(outputFile)) return { passed: 0, failed: 1, skipped: 0 };
  const result = JSON.parse(readFileSync(outputFile, "utf8")) as JestResult;
  return {
    passed: result.numPassedTests,
    failed: result.numFailedTests + result.numRuntimeErrorTestSuites,
    skipped: result.numPendingTests + result.numTodoTests,
  };
}
