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
}

/** Events of one run, right behind `afterSeq`; offered again unchanged, they are found, not stored twice. */
export interface EventBatch {
  readonly hold: Hold;
  readonly afterSeq: number;
  readonly events: readonly GenerationEventBody[];
}

/** A committed batch, contiguous from `seqFrom` to `seqTo`. */
export interface WrittenBatch {
  readonly generationId: string;
  readonly seqFrom: number;
  readonly seqTo: number;
  readonly events: readonly GenerationEvent[];
}

export interface AppendResult {
  readonly written: readonly WrittenBatch[];
  readonly fenced: readonly Hold[];
}

export interface ResultFile {
  readonly path: string;
  readonly content: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** Tokens of the whole run. */
export interface Usage {
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** A whole program. */
export interface Completion {
  readonly files: readonly ResultFile[];
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
  /** One statement, at most one batch per generation. */
  appendEvents(batches: readonly EventBatch[]): Promise<AppendResult>;
  /** Files, status and final event in one transaction. @returns undefined when fenced */
  complete(hold: Hold, completion: Completion): Promise<WrittenBatch | undefined>;
  fail(hold: Hold, failure: Failure): Promise<FailResult>;
  /** Queued again at once, the attempt not counted. @returns false when fenced */
  handBack(hold: Hold): Promise<boolean>;
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
  | "too-long";

export interface WorkerMetrics {
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
