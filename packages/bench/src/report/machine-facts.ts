import { availableParallelism, cpus, loadavg, release, totalmem } from "node:os";

/** Where it was measured. */
export interface MachineFacts {
  readonly cores: number;
  readonly cpu: string;
  readonly memoryBytes: number;
  readonly platform: string;
  readonly node: string;
  readonly redis: string;
  readonly postgres: string;
  /** runnable processes of the last minute at the start, others' work included: above ~0.5 the figures are noisy */
  readonly loadAtStart: number;
}

/** @param versions of the servers as they said themselves */
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

export function readLoad(): number {
  return loadavg()[0] ?? 0;
}
