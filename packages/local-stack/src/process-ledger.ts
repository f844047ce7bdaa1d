import { spawn, spawnSync } from "node:child_process";
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { localDirectory } from "./checkout";
import { isRunning, readProcessIdentity, type ProcessIdentity } from "./process-identity";

const ledgerDirectory = join(localDirectory, "processes");
const reaperScript = resolve(__dirname, "../bin/reaper.cjs");

/** A process started by this package, and the process that answers for it. */
export interface LedgerEntry extends ProcessIdentity {
  readonly label: string;
  readonly owner: ProcessIdentity;
  readonly stopSignal: NodeJS.Signals;
  /** A folder or file that is of no use once the process has ended without its owner. */
  readonly removePath?: string | undefined;
}

let orphansEnded = false;

/** Writes the process down, and makes sure that somebody ends it should its owner die without doing so. */
export function recordProcess(entry: Omit<LedgerEntry, keyof ProcessIdentity> & { pid: number }): void {
  mkdirSync(ledgerDirectory, { recursive: true, mode: 0o700 });
  const path = join(ledgerDirectory, `${entry.pid}.json`);
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ ...readProcessIdentity(entry.pid), ...entry }), { mode: 0o600 });
  renameSync(draft, path);
  watchOwner(entry.owner);
}

export function forgetProcess(pid: number): void {
  rmSync(join(ledgerDirectory, `${pid}.json`), { force: true });
}

/** Ends what a process that is no more has left behind in this checkout. Only the first call does anything. */
export function endOrphans(): void {
  if (orphansEnded) return;
  orphansEnded = true;
  spawnSync(process.execPath, [reaperScript, ledgerDirectory], { stdio: "ignore", timeout: 30_000 });
}

/** One small process an owner: it waits for the owner's death and then ends what that owner started. */
function watchOwner(owner: ProcessIdentity): void {
  const note = join(ledgerDirectory, `${owner.pid}.reaper`);
  if (findIdentity(note) !== undefined) return;
  const args = [reaperScript, ledgerDirectory, String(owner.pid), owner.startedAt];
  const reaper = spawn(process.execPath, args, { detached: true, stdio: "ignore" });
  reaper.unref();
  if (reaper.pid === undefined) throw new Error("could not start the process that ends orphans");
  writeFileSync(note, JSON.stringify(readProcessIdentity(reaper.pid)), { mode: 0o600 });
}

function findIdentity(path: string): ProcessIdentity | undefined {
  try {
    const identity = JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity;
    return isRunning(identity) ? identity : undefined;
  } catch {
    return undefined;
  }
}

/** Lets the watcher of this process go, when everything it watched over has ended. */
export async function dismissWatcher(): Promise<void> {
  const note = join(ledgerDirectory, `${process.pid}.reaper`);
  const reaper = findIdentity(note);
  if (reaper === undefined) return;
  process.kill(reaper.pid, "SIGKILL");
  while (isRunning(reaper)) await sleep(5);
  rmSync(note, { force: true });
}
