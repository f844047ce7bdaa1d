import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isRunning, readProcessIdentity, type ProcessIdentity } from "./process-identity";

/**
 * Does something that only one process at a time may do. A lock whose owner died is taken over.
 *
 * @param path a file that is there while the lock is held
 * @throws {Error} when another living process holds it for longer than three minutes
 */
export async function withFileLock<T>(path: string, work: () => Promise<T>): Promise<T> {
  await acquire(path);
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

async function acquire(path: string): Promise<void> {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const deadline = Date.now() + 180_000;
  while (!tryLock(path)) {
    if (isAbandoned(path)) rmSync(path, { force: true });
    else if (Date.now() > deadline) throw new Error(`${path} is held by another process`);
    else await sleep(50);
  }
}

/** @returns whether this process holds the lock now */
export function tryLock(path: string): boolean {
  try {
    writeFileSync(path, JSON.stringify(readProcessIdentity(process.pid)), { flag: "wx", mode: 0o600 });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** @returns the living process that holds the lock */
export function findLockOwner(path: string): ProcessIdentity | undefined {
  try {
    const owner = JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity;
    return isRunning(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

/** A lock being written is empty for a moment; only a readable owner that is gone counts. */
function isAbandoned(path: string): boolean {
  try {
    return !isRunning(JSON.parse(readFileSync(path, "utf8")) as ProcessIdentity);
  } catch {
    return false;
  }
}
