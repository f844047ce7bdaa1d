import { mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { localDirectory } from "./checkout";

/**
 * @returns a new folder that only this user can read: below VIBE_TEST_DIR when the gate gives one (it tells by that
 * what was left behind), else below `.local/`
 */
export function createTemporaryDirectory(label: string): string {
  const parent = process.env["VIBE_TEST_DIR"] ?? join(localDirectory, "tmp");
  mkdirSync(parent, { recursive: true, mode: 0o700 });
  return mkdtempSync(join(parent, `${label}-`));
}
