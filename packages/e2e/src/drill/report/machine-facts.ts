import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** Where the drill ran. */
export interface MachineFacts {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  readonly redis: string;
  readonly postgres: string;
  /** Runnable processes of the last minute when it began, others' work included. */
  readonly loadAtStart: number;
}

export function readLoad(): number {
  return loadavg()[0] ?? 0;
}

export function readMachineFacts(
  versions: Pick<MachineFacts, "redis" | "postgres">,
  loadAtStart: number,
): MachineFacts {
  return {
    cores: availableParallelism(),
    cpu: cpus()[0]?.model.trim() ?? "unknown",
    memoryBytes: totalmem(),
    platform: `${process.platform} ${release()} ${process.arch}`,
    node: process.version,
    ...versions,
    loadAtStart,
  };
}
