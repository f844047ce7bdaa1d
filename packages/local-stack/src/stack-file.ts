import { mkdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

/** One entry of `stack.json`: a process that runs now. */
export interface RunningPart {
  readonly name: string;
  readonly kind: "service" | "redis" | "postgres";
  readonly role?: string;
  readonly pid: number;
  readonly url: string;
}

/** Written anew, in one step, whenever a process comes or goes. It holds passwords: only its owner reads it. */
export function writeStackFile(dataDir: string, parts: readonly RunningPart[]): void {
  const path = findStackFile(dataDir);
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  writeFileSync(`${path}.new`, `${JSON.stringify(parts, undefined, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}

export function removeStackFile(dataDir: string): void {
  rmSync(findStackFile(dataDir), { force: true });
}

export function findStackFile(dataDir: string): string {
  return join(dataDir, "stack.json");
}
