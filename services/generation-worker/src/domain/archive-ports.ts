import type { GenerationProblem } from "@vibe-friend/contracts/problem";

/** The right to write one archive; fenced as soon as the row carries another claim token or is gone. */
export interface ArchiveHold {
  readonly generationId: string;
  readonly claimToken: number;
}

/** An archive this worker has just claimed. */
export interface ClaimedArchive extends ArchiveHold {
  readonly prompt: string;
  readonly finishedAt: Date;
  /** 1 for the first try */
  readonly attempt: number;
  /** stored by an earlier try: the first parts of the same bytes */
  readonly parts: number;
}

export interface ArchiveFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The rows, fenced. Every method rejects with StoreUnavailable while Postgres can't be asked. */
export interface ArchiveStore {
  /** undefined: somebody else has it, or it isn't waiting any more. */
  claim(generationId: string): Promise<ClaimedArchive | undefined>;
  claimNext(): Promise<ClaimedArchive | undefined>;
  /** @returns those still held */
  heartbeat(holds: readonly ArchiveHold[]): Promise<readonly ArchiveHold[]>;
  /** By path. */
  listFiles(generationId: string): Promise<readonly ArchiveFile[]>;
  /** A file's text, one part in memory at a time. */
  readFile(generationId: string, file: ArchiveFile): AsyncIterable<string>;
  /** May be asked again; what is stored already is compared. */
  append(hold: ArchiveHold, part: number, content: Buffer): Promise<"stored" | "differs" | "fenced">;
  /** @returns false when fenced */
  complete(hold: ArchiveHold): Promise<boolean>;
  /** @returns false when fenced */
  fail(hold: ArchiveHold, problem: GenerationProblem): Promise<boolean>;
  /** Queued again at once with its parts, the attempt not counted. @returns false when fenced */
  handBack(hold: ArchiveHold): Promise<boolean>;
  /** Takes expired leases away from their workers. @returns generation ids */
  sweep(): Promise<{ readonly requeued: readonly string[]; readonly failed: readonly string[] }>;
  /** Removes archives that nobody has asked for within `unusedMs`, at most `limit`. @returns how many */
  removeUnused(unusedMs: number, limit: number): Promise<number>;
}

/** News for other processes; delivery only, never rejects. */
export interface ArchiveNews {
  queued(generationId: string): void;
  /** More of it can be read, or it has ended. */
  grew(generationId: string, parts: number): void;
}

export type BuildOutcome = "ready" | "failed" | "fenced" | "handed-back" | "store-away";

export interface ArchiveMetrics {
  ended(outcome: BuildOutcome, durationMs: number): void;
  /** bytes of zip stored */
  stored(bytes: number): void;
}
