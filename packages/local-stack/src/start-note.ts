import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localDirectory } from "./checkout";
import { findLockOwner, tryLock } from "./file-lock";

const lock = join(localDirectory, "start.lock");
const note = join(localDirectory, "start.json");

/**
 * One product runs in a checkout at a time. A second start finds the note and says where the first is.
 *
 * @returns a function that takes the note away
 * @throws {Error} in one line, when one runs already
 */
export function holdStartNote(url: string): () => void {
  mkdirSync(localDirectory, { recursive: true, mode: 0o700 });
  if (!tryLock(lock)) {
    const owner = findLockOwner(lock);
    if (owner !== undefined) {
      throw new Error(
        `vibe-friend is already running in this checkout (process ${owner.pid}) at ${readUrl()}`,
      );
    }
    rmSync(lock, { force: true });
    return holdStartNote(url);
  }
  writeFileSync(note, JSON.stringify({ pid: process.pid, url }), { mode: 0o600 });
  return () => {
    for (const path of [note, lock]) rmSync(path, { force: true });
  };
}

function readUrl(): string {
  try {
    return (JSON.parse(readFileSync(note, "utf8")) as { url: string }).url;
  } catch {
    return "an address it has not told yet";
  }
}
