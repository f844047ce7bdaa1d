import type { GenerationEvent, GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import type { GenerationEngine } from "./generation-engine";

/** The right to write to a generation; worthless (fenced) as soon as the row carries another claim token. */
export interface Hold {
  readonly id: string;
  readonly claimToken: number;
}

/** A row this worker has just claimed. */
export interface ClaimedGeneration extends Hold {
  readonly prompt: string;
  readonly engine: string;
  readonly model: string | null;
  /** 1 for the first run */
  readonly attempt: number;
  readonly lastSeq: number;
  /** Milliseconds since its first run began. */
  readonly openForMs: number;
  /** What earlier runs completed; part of the result unless it is opened again. */
  readonly completedFiles: readonly StoredFile[];
}

/** A saved file without its text. */
export interface StoredFile {
  readonly path: string;
  /** UTF-8 */
  readonly bytes: number;
  readonly sha256: string;
}

export interface ResultFile extends StoredFile {
  readonly content: string;
}

/** Events of one run, right behind `afterSeq`; offered again unchanged, they are found, not stored twice. */
export interface EventBatch {
  readonly hold: Hold;
  readonly afterSeq: number;
  readonly events: readonly GenerationEventBody[];
  /** Files that these events complete, stored with them; each path once. */
  readonly saved: readonly ResultFile[];
  /** Paths that these events open and don't complete: what was saved of them goes. */
  readonly dropped: readonly string[];
}

/** A committed batch, contiguous from `seqFrom` to `seqTo`. */
export interface WrittenBatch {
  readonly generationId: string;
  readonly seqFrom: number;
  readonly seqTo: number;
  readonly events: readonly GenerationEvent[];
  /** Its owner was told in the same transaction. */
  readonly inbox?: { readonly userId: string; readonly lastSeq: number };
}

export interface AppendResult {
  readonly written: readonly WrittenBatch[];
  readonly fenced: readonly Hold[];
}

/** Tokens of the whole run. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A whole program. */
export interface Completion {
  /** All that is saved, and nothing else. */
  readonly files: readonly StoredFile[];
  /** Stored before the final `completed`, which the store adds. */
  readonly events: readonly GenerationEventBody[];
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number } | null;
}

export interface Failure {
  readonly problem: GenerationProblem;
  /** Stored before the final `failed`, which the store adds when this was the last try. */
  readonly events: readonly GenerationEventBody[];
  /** Worth another try after this long, unless the attempts are used up. */
  readonly retryAfterMs?: number;
  /** false: it costs no attempt. Default: true. */
  readonly isCounted?: boolean;
}

export type FailResult =
  | { readonly kind: "failed"; readonly written: WrittenBatch }
  | { readonly kind: "requeued"; readonly written: WrittenBatch | undefined }
  | { readonly kind: "fenced" };

export interface Swept {
  /** Queued again. */
  readonly requeued: readonly { readonly id: string }[];
  /** Out of attempts. */
  readonly failed: readonly WrittenBatch[];
}

/**
 * The rows, fenced. Every method rejects with StoreUnavailable while Postgres can't be asked; the write may
 * have happened all the same. What is no longer held changes nothing.
 */
export interface ClaimStore {
  /** undefined: somebody else has it, or it isn't waiting any more. */
  claim(generationId: string): Promise<ClaimedGeneration | undefined>;
  /** The next one by priority, then age; with `queuedForMs` only what waited that long or was claimed before. */
  claimNext(options?: { readonly queuedForMs?: number }): Promise<ClaimedGeneration | undefined>;
  /** Renews leases in one statement. @returns those still held */
  heartbeat(holds: readonly Hold[]): Promise<readonly Hold[]>;
  /** Events and files in one statement, at most one batch per generation. */
  appendEvents(batches: readonly EventBatch[]): Promise<AppendResult>;
  /**
   * Status, final event and the owner's notification in one transaction.
   *
   * @returns undefined when fenced
   * @throws what is saved isn't what is expected
   */
  complete(hold: Hold, completion: Completion): Promise<WrittenBatch | undefined>;
  /** A saved file's text. Rejects when it was saved anew or dropped. */
  readFile(generationId: string, file: StoredFile): Promise<string>;
  fail(hold: Hold, failure: Failure): Promise<FailResult>;
  /** Queued again at once, the attempt not counted. @returns false when fenced */
  handBack(hold: Hold): Promise<boolean>;
  /** Queues again, uncounted, what this worker has claimed a while ago and isn't among `known`. */
  returnLost(known: readonly Hold[]): Promise<readonly { readonly id: string }[]>;
  /** Takes expired leases away from their workers; nothing for a lease period after Postgres came back. */
  sweep(): Promise<Swept>;
}

/** News for other processes; delivery only, never rejects. */
export interface News {
  logGrew(written: WrittenBatch): void;
  queued(generationId: string): void;
}

export interface Engines {
  /** undefined: this worker isn't set up for it. */
  find(name: string): GenerationEngine | undefined;
}

export type RunOutcome = "completed" | "failed" | "retried" | "handed-back" | StopReason;

/** Why a run is stopped from outside. */
export type StopReason =
  /** a write was refused: somebody else holds the row, or it was cancelled */
  | "fenced"
  /** the heartbeat came back without it */
  | "lost"
  /** this process is stopping */
  | "handing-back"
  /** Postgres couldn't be reached for too long; the lease runs out by itself */
  | "store-away"
  /** Postgres refuses what the engine wrote */
  | "rejected"
  /** it took longer than any run may */
  | "too-long"
  /** its engine was silent for too long */
  | "idle";

/** What the rows say of dispatching, the same whichever worker asks. */
export interface DispatchFigures {
  readonly queued: number;
  readonly running: number;
  /** 0 when none waits that could run */
  readonly oldestWaitingSeconds: number;
  /** accepted, and neither there nor deleted */
  readonly unaccounted: number;
}

/** How rows and queue get on. */
export interface DispatchMetrics {
  reconciled(what: "added" | "removed", count: number): void;
  /** A delivery's row waits on. */
  readonly refused: (why: "limit" | "paused") => void;
  /** @param kind the problem's code */
  retried(kind: string): void;
  sampled(figures: DispatchFigures): void;
}

export interface WorkerMetrics extends Pick<DispatchMetrics, "retried"> {
  claimed(from: "queue" | "rows"): void;
  ended(outcome: RunOutcome, engine: string): void;
  fenced(): void;
  batchWritten(events: number, durationMs: number): void;
  used(engine: string, usage: Usage): void;
  swept(swept: Swept): void;
}

export interface WorkerLogger {
  debug(message: string, fields?: Record<string, unknown>): void;
  info(message: string, fields?: Record<string, unknown>): void;
  warn(message: string, fields?: Record<string, unknown>): void;
  error(message: string, fields?: Record<string, unknown>): void;
}

/** Milliseconds that never jump. */
export type MonotonicClock = () => number;
