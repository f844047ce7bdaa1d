import { readFile } from "node:fs/promises";
import type { RunningPart } from "@vibe-friend/local-stack/stack-file";

/** How one process' memory went. Resident megabytes, the middle one of a stretch of time. */
export interface MemoryTrend {
  readonly part: string;
  /** of the second quarter: what was built up at the start is there */
  readonly earlyMb: number;
  /** of the last quarter */
  readonly lateMb: number;
}

/** Takes the resident size of every part but Postgres, whose processes share what they have. Linux only. */
export class MemoryLog {
  private readonly sizes = new Map<string, number[]>();

  async look(parts: readonly RunningPart[]): Promise<void> {
    for (const { name, kind, pid } of parts) {
      if (kind === "postgres") continue;
      const status = await readFile(`/proc/${pid}/status`, "utf8");
      const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? Number.NaN);
      this.sizes.set(name, [...(this.sizes.get(name) ?? []), kilobytes / 1024]);
    }
  }

  trends(): MemoryTrend[] {
    return [...this.sizes].map(([part, sizes]) => describeTrend(part, sizes));
  }
}

export function describeTrend(part: string, sizes: readonly number[]): MemoryTrend {
  const quarter = Math.floor(sizes.length / 4);
  return {
    part,
    earlyMb: median(sizes.slice(quarter, 2 * quarter)),
    lateMb: median(sizes.slice(-quarter)),
  };
}

/** Middles of quarters forgive what a collector has not collected yet; what grows all the time they don't. */
export function isFlat({ earlyMb, lateMb }: MemoryTrend): boolean {
  return lateMb <= earlyMb * 1.15 + 15;
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
