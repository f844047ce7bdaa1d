import { spawn, type ChildProcess } from "node:child_process";
import { createWriteStream, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { checkoutRoot } from "../checkout";

export interface GateCommand {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logFile: string;
  readonly timeoutMs: number;
  readonly onLine?: ((line: string) => void) | undefined;
}

export interface CommandResult {
  readonly ok: boolean;
  readonly timedOut: boolean;
}

const running = new Set<ChildProcess>();

/** Runs a command in a process group of its own, everything it says into a file, until it ends or its time is over. */
export function runGateCommand(options: GateCommand): Promise<CommandResult> {
  mkdirSync(dirname(options.logFile), { recursive: true, mode: 0o700 });
  const log = createWriteStream(options.logFile, { mode: 0o600 });
  return new Promise((resolve) => {
    const child = spawn(options.command, options.args, {
      cwd: checkoutRoot,
      env: { ...options.env, FORCE_COLOR: "0", NO_COLOR: "1" },
      detached: true,
      stdio: ["ignore", "pipe", "pipe"],
    });
    running.add(child);
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      log.write(`\nended after ${options.timeoutMs / 1_000} s, which is its limit\n`);
      killGroup(child);
    }, options.timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.pipe(log, { end: false });
      if (options.onLine !== undefined) createInterface({ input: stream }).on("line", options.onLine);
    }
    const finish = (ok: boolean): void => {
      clearTimeout(timer);
      running.delete(child);
      log.end(() => {
        resolve({ ok: ok && !timedOut, timedOut });
      });
    };
    child.once("error", (error) => {
      log.write(`${error.message}\n`);
      finish(false);
    });
    child.once("exit", (code) => {
      // A grandchild may hold the pipes for longer than its parent lives.
      setTimeout(() => {
        finish(code === 0);
      }, 50);
    });
  });
}

/** Ends every command that still runs, with its whole group. */
export function killRunningCommands(): void {
  running.forEach(killGroup);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // It has ended.
  }
}
