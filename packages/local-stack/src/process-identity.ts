import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";

/** A process id alone may be reused by the system; with its start time it names one process for ever. */
export interface ProcessIdentity {
  readonly pid: number;
  readonly startedAt: string;
}

/** @returns when the process started, in the system's own words; undefined when there is none (or a zombie). */
export function findProcessStart(pid: number): string | undefined {
  if (process.platform === "linux") return findLinuxStart(pid);
  const ps = spawnSync("ps", ["-o", "stat=,lstart=", "-p", String(pid)], { encoding: "utf8" });
  const line = ps.stdout.trim();
  return line === "" || line.startsWith("Z") ? undefined : line.replace(/^\S+\s+/, "");
}

function findLinuxStart(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    // The name in parentheses may hold anything; the fields after it are well-formed.
    const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
    if (fields[0] === "Z" || fields[0] === "X") return undefined;
    return `${readBootId()}:${fields[19] ?? ""}`;
  } catch {
    return undefined;
  }
}

function readBootId(): string {
  return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
}

/** @throws {Error} when no such process runs */
export function readProcessIdentity(pid: number): ProcessIdentity {
  const startedAt = findProcessStart(pid);
  if (startedAt === undefined) throw new Error(`no process ${pid}`);
  return { pid, startedAt };
}

export function isRunning(identity: ProcessIdentity): boolean {
  return findProcessStart(identity.pid) === identity.startedAt;
}

/** @returns the ids of the processes that this one started itself */
export function listChildProcesses(pid: number): number[] {
  const pairs = process.platform === "linux" ? listLinuxParents() : listParentsByPs();
  return pairs.filter(([, parent]) => parent === pid).map(([child]) => child);
}

function listLinuxParents(): [number, number][] {
  return readdirSync("/proc").flatMap((name): [number, number][] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, "utf8");
      const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
      return [[Number(name), Number(fields[1])]];
    } catch {
      return [];
    }
  });
}

function listParentsByPs(): [number, number][] {
  const { stdout } = spawnSync("ps", ["-A", "-o", "pid=,ppid="], { encoding: "utf8" });
  return stdout
    .trim()
    .split("\n")
    .map((line): [number, number] => {
      const [pid, parent] = line.trim().split(/\s+/).map(Number);
      return [pid ?? 0, parent ?? 0];
    });
}

/** @returns the command line of a process, as far as the system tells it; "" when it doesn't */
export function readCommandLine(pid: number): string {
  if (process.platform !== "linux") {
    return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout.trim();
  }
  try {
    return readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ").trim();
  } catch {
    return "";
  }
}
