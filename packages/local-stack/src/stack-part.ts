import { setTimeout as sleep } from "node:timers/promises";
import type { ProcessExit } from "./owned-process";

/** What can be started and stopped as one part of a stack: a service, a Redis, a Postgres. */
export interface Runnable {
  readonly pid: number | undefined;
  kill(signal?: NodeJS.Signals): Promise<ProcessExit | undefined>;
  freeze(): void;
  resume(): void;
  /** Stops it if it runs, and starts it. */
  restart(): Promise<void>;
  stop(): Promise<void>;
}

export interface PartDescription {
  /** As `generation-worker-1`. */
  readonly name: string;
  readonly kind: "service" | "redis" | "postgres";
  /** What a Redis is used as. */
  readonly role?: string | undefined;
}

export interface WatchOptions {
  /** Start it again when it ends without having been asked to. */
  readonly restarts: boolean;
  /** Told in one line what happened to it. */
  readonly onNews: (line: string) => void;
  /** Told that its process came or went. */
  readonly onChange: () => void;
}

const firstDelayMs = 500;
const longestDelayMs = 10_000;
const steadyMs = 30_000;

/**
 * Watches over one part: it is started again with growing delays when it dies, until it has stayed up for half a
 * minute. A part that was killed through this handle stays down until `restart`.
 */
export class StackPart {
  /** Known once it has been started. */
  url = "";
  private runnable: Runnable | undefined;
  private failures = 0;
  private upSince = 0;
  private isDown = true;
  private isStopped = false;

  constructor(
    readonly description: PartDescription,
    private readonly watch: WatchOptions,
  ) {}

  get pid(): number | undefined {
    return this.runnable?.pid;
  }

  /** Takes over a part that runs; ends it if it was stopped while it was being started. */
  async adopt(runnable: Runnable, url: string): Promise<void> {
    this.runnable = runnable;
    this.url = url;
    if (this.isStopped) await runnable.stop();
    else this.markUp();
  }

  /** Starts a part for the first time. */
  async launch(runnable: Runnable, url: string): Promise<void> {
    this.runnable = runnable;
    this.url = url;
    await this.restart();
  }

  /** To be told by the runnable. */
  readonly onExit = (exit: ProcessExit, wanted: boolean): void => {
    this.watch.onChange();
    if (wanted || this.isDown || this.isStopped || !this.watch.restarts) return;
    this.isDown = true;
    const cause = exit.signal ?? `exit code ${String(exit.code)}`;
    void this.bringBack(cause);
  };

  async kill(signal: NodeJS.Signals = "SIGKILL"): Promise<ProcessExit | undefined> {
    const exit = await this.require().kill(signal);
    this.watch.onChange();
    return exit;
  }

  freeze(): void {
    this.require().freeze();
  }

  resume(): void {
    this.require().resume();
  }

  async restart(): Promise<void> {
    this.isDown = true;
    await this.require().restart();
    this.markUp();
  }

  async stop(): Promise<void> {
    this.isStopped = true;
    await this.runnable?.stop();
  }

  /** Ends it at once. */
  async killForGood(): Promise<void> {
    this.isStopped = true;
    await this.runnable?.kill("SIGKILL");
  }

  private require(): Runnable {
    if (this.runnable === undefined) throw new Error(`${this.description.name} has not been started`);
    return this.runnable;
  }

  private mayRun(): boolean {
    return !this.isStopped;
  }

  private markUp(): void {
    this.isDown = false;
    this.upSince = Date.now();
    this.watch.onChange();
  }

  private async bringBack(cause: string): Promise<void> {
    if (Date.now() - this.upSince > steadyMs) this.failures = 0;
    const delayMs = Math.min(firstDelayMs * 2 ** this.failures, longestDelayMs);
    this.failures += 1;
    this.watch.onNews(`${this.description.name} ended (${cause}); starting it again in ${delayMs / 1_000} s`);
    await sleep(delayMs, undefined, { ref: false });
    // Somebody stopped or restarted it in the meantime.
    if (!this.mayRun() || !this.isDown) return;
    try {
      await this.restart();
    } catch (error) {
      if (this.mayRun()) await this.bringBack(error instanceof Error ? error.message : String(error));
    }
  }
}
