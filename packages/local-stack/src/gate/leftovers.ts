import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { readCommandLine, readProcessIdentity, isRunning, type ProcessIdentity } from "../process-identity";

export interface Leftover extends ProcessIdentity {
  readonly command: string;
}

/**
 * Looks for processes that carry this folder in their command line or environment, gives them a moment to go, and
 * ends those that don't.
 *
 * @param graceMs how long that moment is
 * @returns those that had to be ended
 */
export async function endLeftovers(directory: string, graceMs = 10_000): Promise<Leftover[]> {
  const deadline = Date.now() + graceMs;
  let leftovers = listProcessesOf(directory);
  while (leftovers.length > 0 && Date.now() < deadline) {
    await sleep(200);
    leftovers = listProcessesOf(directory);
  }
  for (const leftover of leftovers) {
    if (isRunning(leftover)) process.kill(leftover.pid, "SIGKILL");
  }
  return leftovers;
}

function listProcessesOf(directory: string): Leftover[] {
  const pids = process.platform === "linux" ? listLinuxProcesses(directory) : listByPs(directory);
  return pids
    .filter((pid) => pid !== process.pid)
    .flatMap((pid) => {
      try {
        return [{ ...readProcessIdentity(pid), command: readCommandLine(pid) }];
      } catch {
        return [];
      }
    });
}

function listLinuxProcesses(directory: string): number[] {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .filter((name) => ["cmdline", "environ"].some((file) => includes(`/proc/${name}/${file}`, directory)))
    .map(Number);
}

/** Other people's processes can't be read, and aren't ours. */
function includes(file: string, text: string): boolean {
  try {
    return readFileSync(file, "latin1").includes(text);
  } catch {
    return false;
  }
}

function listByPs(directory: string): number[] {
  const { stdout } = spawnSync("ps", ["-A", "-E", "-o", "pid=,command="], { encoding: "utf8" });
  return stdout
    .split("\n")
    .filter((line) => line.includes(directory))
    .map((line) => Number.parseInt(line, 10));
}
