import { readFile } from "node:fs/promises";
import type { RunningPart } from "@vibe-friend/local-stack/stack-file";

/** Resident memory at its highest; bytes. */
export interface MemoryPeak {
  /** Of all services and Redis together, at one moment. */
  readonly sumBytes: number;
  readonly worstBytes: number;
  /** Which part had it. */
  readonly worst: string;
}

export interface MemoryWatch {
  /** The peak since the last call; null where the system doesn't tell. */
  take(): MemoryPeak | null;
  stop(): void;
}

const everyMs = 500;

/** Looks at every part but Postgres, whose processes share most of what they seem to have. */
export function watchMemory(listParts: () => Promise<readonly RunningPart[]>): MemoryWatch {
  let peak: MemoryPeak | null = null;
  let isLooking = false;

  async function look(): Promise<void> {
    if (isLooking) return;
    isLooking = true;
    try {
      const parts = (await listParts()).filter(({ kind }) => kind !== "postgres");
      const sizes = await Promise.all(
        parts.map(async ({ name, pid }) => ({ name, bytes: await readResidentBytes(pid) })),
      );
      const sumBytes = sizes.reduce((sum, { bytes }) => sum + bytes, 0);
      if (sumBytes === 0) return;
      const worst = sizes.reduce((one, other) => (other.bytes > one.bytes ? other : one));
      peak = {
        sumBytes: Math.max(peak?.sumBytes ?? 0, sumBytes),
        ...(peak !== null && peak.worstBytes >= worst.bytes
          ? { worstBytes: peak.worstBytes, worst: peak.worst }
          : { worstBytes: worst.bytes, worst: worst.name }),
      };
    } catch {
      // A part has just ended.
    } finally {
      isLooking = false;
    }
  }

  const timer = setInterval(() => void look(), everyMs);
  return {
    take() {
      const taken = peak;
      peak = null;
      return taken;
    },
    stop: () => {
      clearInterval(timer);
    },
  };
}

/** @returns 0 for a process that has ended, or where there is no /proc */
async function readResidentBytes(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8").catch(() => "");
  return Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1_024;
}
