import { mkdirSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import pc from "picocolors";
import { localDirectory } from "../checkout";
import { findProcessStart } from "../process-identity";
import { dismissWatcher, endOrphans } from "../process-ledger";
import { killRunningCommands } from "./gate-command";
import type { GateOptions } from "./gate-options";
import { createGatePlan, type GatePlan } from "./gate-plan";
import { runStep, runStepsTogether, type StepResult } from "./gate-step";
import { addUpTests, formatCounts, formatSummary } from "./gate-summary";
import { endLeftovers } from "./leftovers";

const longestTail = 150;

/**
 * Runs every check and every test, and sums up. Has its own servers and folders, so that a running product and a
 * second gate are not disturbed; leaves no process behind, and fails when a test did.
 *
 * @returns the exit code
 */
export async function runGate(options: GateOptions, env: NodeJS.ProcessEnv): Promise<number> {
  endOrphans();
  forgetOldRuns();
  const directory = join(localDirectory, `test-${process.pid}`);
  mkdirSync(join(directory, "tmp"), { recursive: true, mode: 0o700 });
  const plan = createGatePlan({ options, env, directory, onProgress: printProgress });
  const onSignal = (): void => {
    killRunningCommands();
    void plan.close().then(() => process.exit(130));
  };
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  const results = await runPlan(plan, directory);
  const counts = addUpTests(results);
  const isGood = counts.failed === 0;
  results.filter(({ status }) => status === "failed").forEach(printFailure);
  const useless = isGood ? [directory] : ["tmp", "postgres"].map((name) => join(directory, name));
  for (const path of useless) rmSync(path, { recursive: true, force: true });
  if (!isGood) console.log(`\nFull logs: ${join(directory, "logs")}`);
  console.log(`\n${formatSummary(results)}\n`);
  console.log(formatCounts(counts));
  await dismissWatcher();
  return isGood ? 0 : 1;
}

async function runPlan(plan: GatePlan, directory: string): Promise<StepResult[]> {
  const results: StepResult[] = [];
  try {
    const limit = Math.max(3, availableParallelism());
    results.push(...(await runStepsTogether(plan.first, limit, printEnd)));
    for (const step of plan.then(results)) results.push(await runStep(step, printEnd));
  } finally {
    await plan.close();
  }
  results.push(
    await runStep({ name: "nothing left behind", run: () => checkLeftovers(directory) }, printEnd),
  );
  return results;
}

async function checkLeftovers(directory: string): Promise<{ status: "passed" | "failed"; detail?: string }> {
  const leftovers = await endLeftovers(directory);
  if (leftovers.length === 0) return { status: "passed" };
  const detail = leftovers.map(({ pid, command }) => `${pid} ${command.slice(0, 120)}`).join("; ");
  return { status: "failed", detail: `had to end ${detail}` };
}

/** Logs of failed runs stay until the next run. */
function forgetOldRuns(): void {
  for (const name of readdirSync(localDirectory, { withFileTypes: true })) {
    const pid = /^test-(\d+)$/.exec(name.name)?.[1];
    if (pid === undefined || findProcessStart(Number(pid)) !== undefined) continue;
    rmSync(join(localDirectory, name.name), { recursive: true, force: true });
  }
}

function printProgress(line: string): void {
  console.log(pc.dim(`    ${line}`));
}

function printEnd({ name, status, durationMs, detail }: StepResult): void {
  const mark = { passed: pc.green("✓"), failed: pc.red("✗"), skipped: pc.yellow("–") }[status];
  const remark = detail === undefined ? "" : `: ${detail}`;
  console.log(`  ${mark} ${name} (${(durationMs / 1_000).toFixed(1)} s)${remark}`);
}

function printFailure({ name, logFile, detail }: StepResult): void {
  console.log(`\n${pc.red(`── ${name} failed`)}${detail === undefined ? "" : ` (${detail})`}`);
  if (logFile === undefined) return;
  const lines = readFileSync(logFile, "utf8")
    .split("\n")
    .filter((line) => !line.startsWith("PASS "));
  if (lines.length > longestTail) console.log(`… ${lines.length - longestTail} lines before`);
  console.log(lines.slice(-longestTail).join("\n"));
}
