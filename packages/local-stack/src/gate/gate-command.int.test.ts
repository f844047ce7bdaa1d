import { spawn } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isRunning, readProcessIdentity } from "../process-identity";
import { createTemporaryDirectory } from "../temporary-directory";
import { waitUntil } from "../testing/wait-until";
import { runGateCommand, type CommandResult } from "./gate-command";
import { runStep, runStepsTogether, type Step } from "./gate-step";
import { endLeftovers } from "./leftovers";

const directory = createTemporaryDirectory("gate");
const logFile = join(directory, "command.log");
afterAll(() => {
  rmSync(directory, { recursive: true, force: true });
});

function runScript(script: string, timeoutMs = 10_000): Promise<CommandResult> {
  return runGateCommand({
    command: process.execPath,
    args: ["-e", script],
    env: process.env,
    logFile,
    timeoutMs,
  });
}

describe("a command of the gate", () => {
  it("keeps what it says, and its failure", async () => {
    expect(await runScript("console.log('to out'); console.error('to err')")).toEqual({
      ok: true,
      timedOut: false,
    });
    expect(readFileSync(logFile, "utf8").split("\n").sort()).toEqual(["", "to err", "to out"]);
    expect(await runScript("process.exit(3)")).toEqual({ ok: false, timedOut: false });
  });

  it("is ended with its children when its time is over", async () => {
    const script = `
      const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"]);
      console.log(child.pid);
      setInterval(() => {}, 1000);`;
    const running = runScript(script, 1_500);
    await waitUntil(() => /^\d+\n/.test(readFileSync(logFile, "utf8")), 1_400);
    const child = readProcessIdentity(Number.parseInt(readFileSync(logFile, "utf8"), 10));
    expect(await running).toEqual({ ok: false, timedOut: true });
    await waitUntil(() => !isRunning(child), 2_000);
    expect(readFileSync(logFile, "utf8")).toContain("ended after 1.5 s, which is its limit");
  });

  it("that can't be started fails", async () => {
    const missing = {
      command: join(directory, "missing"),
      args: [],
      env: process.env,
      logFile,
      timeoutMs: 1_000,
    };
    expect(await runGateCommand(missing)).toEqual({ ok: false, timedOut: false });
  });
});

describe("steps", () => {
  it("run at most so many at a time, and answer in their order", async () => {
    let active = 0;
    let most = 0;
    const steps = [50, 10, 30, 20].map((delayMs, index): Step => {
      return {
        name: String(index),
        run: async () => {
          active += 1;
          most = Math.max(most, active);
          await new Promise((resolve) => setTimeout(resolve, delayMs));
          active -= 1;
          return { status: "passed" };
        },
      };
    });
    const ended: string[] = [];
    const results = await runStepsTogether(steps, 2, ({ name }) => ended.push(name));
    expect(most).toBe(2);
    expect(results.map(({ name }) => name)).toEqual(["0", "1", "2", "3"]);
    expect(ended[0]).toBe("1");
  });

  it("fail with the words of what they throw", async () => {
    const step: Step = { name: "broken", run: () => Promise.reject(new Error("no luck")) };
    expect(await runStep(step, () => undefined)).toMatchObject({ status: "failed", detail: "no luck" });
  });
});

describe("what is left behind", () => {
  it("is found by its folder, named and ended; a passing process is given a moment", async () => {
    const script = (lifetimeMs: number): string => `setTimeout(() => {}, ${lifetimeMs})`;
    const env = { ...process.env, VIBE_STACK_DIR: join(directory, "stack") };
    const passing = spawn(process.execPath, ["-e", script(300)], { env, stdio: "ignore" });
    const staying = spawn(process.execPath, ["-e", script(60_000)], { env, stdio: "ignore" });
    const other = spawn(process.execPath, ["-e", script(60_000)], { stdio: "ignore" });
    const leftovers = await endLeftovers(join(directory, "stack"), 1_500);
    expect(leftovers.map(({ pid }) => pid)).toEqual([staying.pid]);
    expect(leftovers[0]?.command).toContain("60000");
    await waitUntil(() => staying.signalCode === "SIGKILL", 2_000);
    expect(passing.exitCode).toBe(0);
    expect(other.exitCode).toBeNull();
    other.kill("SIGKILL");
  });
});
