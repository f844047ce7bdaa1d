import type { EngineName } from "@vibe-friend/contracts/generation";
import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";

export interface ClaimOptions {
  /** Who claims: host, process and start, so that no two are alike. */
  readonly workerId: string;
  /** Milliseconds a claim holds without a heartbeat; 6000 in the product. */
  readonly leaseMs: number;
  /** Runs whose worker died, or that failed in a way worth another try, before it is `failed`; 3 in the product. */
  readonly maxAttempts: number;
  /** Runs of one user at once over all workers; undefined or 0 is no limit. */
  readonly maxRunningPerUser?: number;
  /** A row that was asked for by its id waits on: its user is at the limit, or the queue is paused. */
  readonly onRefused?: (why: "limit" | "paused") => void;
}

/** The right to write for one run. Worthless (fenced) as soon as anybody else has claimed, cancelled or swept. */
export interface GenerationHold {
  readonly id: string;
  readonly claimToken: number;
}

/** A generation this process now runs. No event was written: `started` belongs into the run's first batch. */
export interface ClaimedGeneration extends GenerationHold {
  readonly userId: string;
  readonly prompt: string;
  readonly engine: EngineName;
  readonly model: string | null;
  readonly priority: number;
  readonly mode: "async" | "sync";
  /** 1 on the first run; counts runs whose worker died or that failed */
  readonly attempt: number;
  readonly lastSeq: number;
  /** milliseconds since its first run began (counted anew when its owner has it tried again); 0 on that run */
  readonly openForMs: number;
  /** Saved by earlier runs, by path: part of the result unless they are opened again. Their texts: `readFile`. */
  readonly completedFiles: readonly StoredFile[];
}

/** A saved file without its text. */
export interface StoredFile {
  readonly path: string;
  /** UTF-8 */
  readonly bytes: number;
  readonly sha256: string;
}

/** What one run appends. */
export interface EventBatch {
  readonly hold: GenerationHold;
  /** In order, at least one; none of them final. */
  readonly events: readonly GenerationEventBody[];
  /**
   * The `lastSeq` the events follow. A batch whose answer was lost and that is offered again, unchanged, is found
   * in the log and reported as `written` with its first seq and time, not stored twice (only a run's holder
   * writes, so the row's last_seq is either this or this plus the batch).
   */
  readonly afterSeq: number;
  /** Files whose last event about them in this batch is `file:completed`, each path once. Default: none. */
  readonly saved?: readonly ResultFile[];
  /** Paths that are opened in this batch and not completed in it: what was saved of them goes. Default: none. */
  readonly dropped?: readonly string[];
}

/** A committed batch as it is published: contiguous, from `seqFrom` to `seqTo`. */
export interface WrittenBatch {
  readonly generationId: string;
  readonly seqFrom: number;
  readonly seqTo: number;
  readonly events: readonly GenerationEvent[];
  /** Its owner was told in the same transaction: publish. */
  readonly inbox?: { readonly userId: string; readonly lastSeq: number };
}

export interface AppendResult {
  readonly written: readonly WrittenBatch[];
  /** Holds that are over; their events were not stored. Stop those runs. */
  readonly fenced: readonly GenerationHold[];
}

export interface ResultFile extends StoredFile {
  readonly content: string;
}

export interface Completion {
  /** What is saved must be exactly these, by path and hash. */
  readonly files: readonly StoredFile[];
  /** Events not written yet; the final `completed` is added here. */
  readonly events: readonly GenerationEventBody[];
  readonly usage?: Readonly<Record<string, unknown>> | null;
}

export interface Failure {
  readonly problem: GenerationProblem;
  /** Events not written yet; the final `failed` is added here when it ends. */
  readonly events: readonly GenerationEventBody[];
  /** Worth another try after this many milliseconds, unless the attempts are used up. */
  readonly retryAfterMs?: number;
  /** false: the run gives its attempt back when it is queued again, so no number of them ends it. Default: true. */
  readonly isCounted?: boolean;
}

export type FailResult =
  | { readonly kind: "failed"; readonly written: WrittenBatch }
  | { readonly kind: "requeued"; readonly written: WrittenBatch | undefined; readonly priority: number }
  | { readonly kind: "fenced" };

export interface SweepResult {
  /** Queued again: hand them to the queue. */
  readonly requeued: readonly { readonly id: string; readonly priority: number }[];
  /** Ended as `worker_lost`: publish. */
  readonly failed: readonly WrittenBatch[];
}

/**
 * Runs of generations: claims with a lease, and writes that only the claim's holder may do. Everything is
 * one transaction; the lease is on the database's clock.
 */
export interface GenerationClaims {
  /**
   * undefined: not queued any more, delayed, its user at the running limit or the queue paused. Drop the
   * delivery: what was refused for the last two reasons is marked, and `claimNext` finds it.
   */
  claim(id: string): Promise<ClaimedGeneration | undefined>;
  /**
   * The first by priority, then age, whose user is below the running limit; none while the queue is paused.
   *
   * @param options.queuedForMs only rows that have waited at least this long, or that the queue doesn't bring
   * again: swept, handed back, retried, or refused when it brought them
   */
  claimNext(options?: { readonly queuedForMs?: number }): Promise<ClaimedGeneration | undefined>;
  /** Renews all leases of this process in one statement. @returns those still held */
  heartbeat(holds: readonly GenerationHold[]): Promise<GenerationHold[]>;
  /** Events and saved files of many runs in one statement; at most one batch per generation. */
  appendEvents(batches: readonly EventBatch[]): Promise<AppendResult>;
  /**
   * Status, remaining events, `completed` and the owner's notification, or nothing at all. Asked again by the
   * same hold (its answer was lost) it answers what it stored; so does `fail`.
   *
   * @returns undefined if fenced
   * @throws {SavedFilesDiffer} what is saved isn't what is expected
   */
  complete(hold: GenerationHold, completion: Completion): Promise<WrittenBatch | undefined>;
  /** A saved file's whole text, up to 8 MB. @throws {NotFound} it was dropped or saved anew */
  readFile(id: string, file: Pick<StoredFile, "path" | "sha256">): Promise<string>;
  /** The last failure keeps what was written of an open file as partial, and tells the owner. */
  fail(hold: GenerationHold, failure: Failure): Promise<FailResult>;
  /** Queues it again and takes the attempt back. @returns false if fenced */
  handBack(hold: GenerationHold): Promise<boolean>;
  /**
   * Queues again, with the attempt taken back, what this worker has claimed without getting the answer: claims
   * of its own at least half a lease old that are not among `known`.
   *
   * @param known all that it runs, or has run within the last lease
   */
  returnLost(known: readonly GenerationHold[]): Promise<readonly { readonly id: string }[]>;
  /** Takes up to 100 runs from workers that stopped renewing. Does nothing for a lease period after Postgres returned. */
  sweep(): Promise<SweepResult>;
}
