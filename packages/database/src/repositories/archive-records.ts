import type { GenerationProblem } from "@vibe-friend/contracts/problem";

export type ArchiveStatus = "queued" | "building" | "ready" | "failed";

/** How far a generation's zip is. */
export interface ArchiveState {
  readonly generationId: string;
  /** Names one order of the zip. Parts of one build fit together, whoever made them; those of two don't. */
  readonly build: string;
  readonly status: ArchiveStatus;
  /** Parts that can be read, from 0. */
  readonly parts: number;
  /** Of those parts together; of the whole zip once it is ready. */
  readonly bytes: number;
  readonly error: GenerationProblem | null;
}

/** An ended generation that has files, and its zip if somebody has asked for it. */
export interface ArchiveSource {
  readonly prompt: string;
  readonly finishedAt: Date;
  readonly archive: ArchiveState | undefined;
}

/** People's zips. A foreign generation is NotFound. */
export interface Archives {
  /** What could be downloaded; builds nothing. @throws {NotFound} @throws {WrongState} not ended, or without files */
  describe(userId: string, generationId: string): Promise<ArchiveSource>;
  /**
   * Sees to it that the zip is built: makes the row, or a new one in the place of a failed one or of an earlier run's.
   * Hand a `queued` one to the queue. Asking also keeps it from being removed as unused.
   *
   * @throws {NotFound} @throws {WrongState} not ended, or without files
   */
  request(userId: string, generationId: string): Promise<ArchiveState>;
  /** How far a build is, and one of its parts if that is there. @returns undefined: this build is gone */
  readPart(
    archive: Pick<ArchiveState, "generationId" | "build">,
    part: number,
  ): Promise<(ArchiveState & { readonly content: Buffer | null }) | undefined>;
}

/** The right to write one archive; fenced as soon as anybody else has claimed, swept or removed it. */
export interface ArchiveHold {
  readonly generationId: string;
  readonly claimToken: number;
}

/** An archive that this process now builds. */
export interface ClaimedArchive extends ArchiveHold {
  readonly prompt: string;
  readonly finishedAt: Date;
  /** 1 on the first try; counts those whose worker died */
  readonly attempt: number;
  /** What an earlier try has left: the first parts of the same bytes. */
  readonly parts: number;
}

export interface ArchiveClaimOptions {
  /** Who claims: host, process and start, so that no two are alike. */
  readonly workerId: string;
  /** Milliseconds a claim holds without a heartbeat. */
  readonly leaseMs: number;
  /** Tries whose worker died, before it is `failed`. */
  readonly maxAttempts: number;
}

export interface ArchiveFile {
  readonly path: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Builds of archives, under the same rules as runs of generations: leases on the database's clock, fenced writes. */
export interface ArchiveClaims {
  /** undefined: not waiting any more, or the queue `archive` is paused. */
  claim(generationId: string): Promise<ClaimedArchive | undefined>;
  /** The one that has waited longest. */
  claimNext(): Promise<ClaimedArchive | undefined>;
  /** Renews all leases of this process in one statement. @returns those still held */
  heartbeat(holds: readonly ArchiveHold[]): Promise<ArchiveHold[]>;
  /** By path, partial ones too. */
  listFiles(generationId: string): Promise<ArchiveFile[]>;
  /** A file's text, one part in memory at a time. Throws NotFound when it is written anew meanwhile. */
  readFile(generationId: string, file: ArchiveFile): AsyncIterable<string>;
  /**
   * Stores the bytes of one part and makes them readable. A part that is there already (of an earlier try, or this
   * very call's, whose answer was lost) is compared.
   *
   * @returns `differs`: another part was stored before under this number; nothing has changed
   */
  append(hold: ArchiveHold, part: number, content: Buffer): Promise<"stored" | "differs" | "fenced">;
  /** All parts are there. May be asked again. @returns false if fenced */
  complete(hold: ArchiveHold): Promise<boolean>;
  /** It can't be built. May be asked again. @returns false if fenced */
  fail(hold: ArchiveHold, problem: GenerationProblem): Promise<boolean>;
  /** Queues it again and takes the attempt back; its parts stay. @returns false if fenced */
  handBack(hold: ArchiveHold): Promise<boolean>;
  /** Takes up to 100 builds from workers that stopped renewing. @returns generation ids: queued again, given up */
  sweep(): Promise<{ readonly requeued: readonly string[]; readonly failed: readonly string[] }>;
  /** Removes up to `limit` archives that nobody has asked for within `unusedMs`. @returns how many */
  removeUnused(unusedMs: number, limit: number): Promise<number>;
}
