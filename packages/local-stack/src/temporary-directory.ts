import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { localDirectory } from "./checkout";

/** @returns a new folder below `.local/` that only this user can read */
export function createTemporaryDirectory(label: string): string {
  const parent = join(localDirectory, "tmp");
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(parent, `${label}-`));
}
