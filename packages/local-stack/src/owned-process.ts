import { spawn, type ChildProcess } from "node:child_process";
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs";
import { dirname } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { readProcessIdentity, type ProcessIdentity } from "./process-identity";
import { forgetProcess, recordProcess } from "./process-ledger";

export interface ProcessExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface OwnedProcessOptions {
  readonly label: string;
  readonly command: string;
  readonly args: readonly string[];
  /** A function is asked at each start. */
  readonly env: NodeJS.ProcessEnv | (() => NodeJS.ProcessEnv);
  readonly cwd?: string | undefined;
  /** Where its output goes: a file, or a function that gets each line. */
  readonly output: string | ((line: string) => void);
  /** The signal that ends it in good order; SIGKILL follows after `stopTimeoutMs`. */
  readonly stopSignal: NodeJS.Signals;
  readonly stopTimeoutMs: number;
  readonly readyTimeoutMs: number;
  /** Asked again and again until it answers true. A rejection counts as "not yet". */
  readonly isReady: () => Promise<boolean>;
  /** Told of every end, wanted or not. */
  readonly onExit?: ((exit: ProcessExit, wanted: boolean) => void) | undefined;
  /** Who answers for it (default: this process). When the owner dies, it is ended. */
  readonly owner?: ProcessIdentity | undefined;
  readonly removePath?: string | undefined;
  /** Processes that belong to it and are frozen together with it. */
  readonly findChildren?: ((pid: number) => number[]) | undefined;
}

const readyPollMs = 25;
const endingSignals: ReadonlySet<string> = new Set(["SIGTERM", "SIGINT", "SIGQUIT", "SIGHUP", "SIGKILL"]);
const tailLines = 15;

/**
 * The life of one child process, started over and over with the same command line. It runs in a session of
 * its own: Ctrl-C in the terminal reaches only its owner, who ends it. It never keeps the owner's event loop alive.
 */
export class OwnedProcess {
  private child: ChildProcess | undefined;
  private exited: Promise<void> = Promise.resolve();
  private wanted = false;
  private frozen: number[] = [];
  private tail: string[] = [];

  constructor(private readonly options: OwnedProcessOptions) {}

  /** Undefined while it doesn't run. */
  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** @throws {Error} with its last lines, when it ends or stays silent before it is ready */
  async start(): Promise<void> {
    if (this.child !== undefined) return;
    const { isReady, label, readyTimeoutMs } = this.options;
    if (await isReady().catch(() => false))
      throw new Error(`another program answers in the place of ${label}`);
    this.wanted = true;
    const child = this.spawnChild();
    const deadline = Date.now() + readyTimeoutMs;
    while (!(await isReady().catch(() => false)) || hasEnded(child)) {
      if (hasEnded(child)) throw new Error(`${this.options.label} ended at once${this.readTail()}`);
      if (Date.now() > deadline) {
        await this.stop("SIGKILL");
        throw new Error(`${this.options.label} was not ready in time${this.readTail()}`);
      }
      await sleep(readyPollMs);
    }
  }

  /** Ends it in good order, by force when it takes too long. */
  async stop(signal: NodeJS.Signals = this.options.stopSignal): Promise<void> {
    const child = this.child;
    this.wanted = false;
    if (child === undefined) return;
    child.kill(signal);
    this.resume();
    const timer = setTimeout(() => {
      child.kill("SIGKILL");
    }, this.options.stopTimeoutMs);
    await this.exited;
    clearTimeout(timer);
  }

  /**
   * Sends a signal as a stranger would, and nothing after it.
   *
   * @returns how it ended, for a signal that is meant to end it
   */
  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<ProcessExit | undefined> {
    const child = this.child;
    if (child === undefined) return undefined;
    const isEnding = endingSignals.has(signal);
    if (isEnding) this.wanted = false;
    child.kill(signal);
    if (!isEnding) return undefined;
    await this.exited;
    return { code: child.exitCode, signal: child.signalCode };
  }

  /** SIGSTOP: it keeps its connections and answers nothing. */
  freeze(): void {
    if (this.pid === undefined) return;
    this.frozen = [this.pid, ...(this.options.findChildren?.(this.pid) ?? [])];
    this.frozen.forEach((pid) => {
      sendSignal(pid, "SIGSTOP");
    });
  }

  resume(): void {
    this.frozen.forEach((pid) => {
      sendSignal(pid, "SIGCONT");
    });
    this.frozen = [];
  }

  /** Stops it if it runs, and starts it with the same command line. */
  async restart(): Promise<void> {
    await this.stop();
    await this.start();
  }

  private spawnChild(): ChildProcess {
    const { command, args, env, cwd, output } = this.options;
    this.tail = [];
    const file = typeof output === "string" ? openLog(output) : undefined;
    const child = spawn(command, args, {
      env: typeof env === "function" ? env() : env,
      cwd,
      detached: true,
      stdio: ["ignore", file ?? "pipe", file ?? "pipe"],
    });
    if (file !== undefined) closeSync(file);
    this.child = child;
    this.exited = new Promise((resolve) => {
      const ended = (exit: ProcessExit): void => {
        if (this.child !== child) return;
        this.child = undefined;
        if (child.pid !== undefined) forgetProcess(child.pid);
        resolve();
        this.options.onExit?.(exit, !this.wanted);
      };
      child.once("exit", (code, signal) => {
        ended({ code, signal });
      });
      child.once("error", (error) => {
        this.tail.push(error.message);
        if (child.pid === undefined) ended({ code: null, signal: null });
      });
    });
    this.follow(child);
    this.record(child);
    return child;
  }

  private follow(child: ChildProcess): void {
    child.unref();
    const { output } = this.options;
    if (typeof output === "string") return;
    for (const stream of [child.stdout, child.stderr]) {
      if (stream === null) continue;
      (stream as typeof stream & { unref?: () => void }).unref?.();
      createInterface({ input: stream }).on("line", (line) => {
        this.tail = [...this.tail.slice(1 - tailLines), line];
        output(line);
      });
    }
  }

  private record(child: ChildProcess): void {
    if (child.pid === undefined) return;
    try {
      const { label, stopSignal, removePath } = this.options;
      const owner = this.options.owner ?? readProcessIdentity(process.pid);
      recordProcess({ pid: child.pid, label, stopSignal, removePath, owner });
    } catch {
      // It has ended already; `start` says so.
    }
  }

  private readTail(): string {
    const { output } = this.options;
    const lines =
      typeof output === "string"
        ? readFileSync(output, "utf8").trimEnd().split("\n").slice(-tailLines)
        : this.tail;
    return lines.length === 0 ? "" : `:\n  ${lines.join("\n  ")}`;
  }
}

function hasEnded(child: ChildProcess): boolean {
  return child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
}

/** Each start writes its own file anew. */
function openLog(path: string): number {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  return openSync(path, "w", 0o600);
}

function sendSignal(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended.
  }
}
