import type {
  EngineName,
  Generation,
  GenerationFile,
  GenerationStatus,
} from "@vibe-friend/contracts/generation";
import type { GenerationEvent } from "@vibe-friend/contracts/generation-event";
import type { Page } from "@vibe-friend/contracts/ids";

/** Per user; 0 is no limit. */
export interface GenerationLimits {
  readonly maxOpen: number;
  readonly dailyLimit: number;
}

export interface NewGeneration extends GenerationLimits {
  /** UUIDv7; made here if absent */
  readonly id?: string;
  readonly userId: string;
  readonly prompt: string;
  readonly engine: EngineName;
  readonly model?: string | null;
  /** 1 (first) to 10 */
  readonly priority: number;
  readonly mode: "async" | "sync";
  /** `hash` stands for the whole request: the same key with another hash is a conflict */
  readonly idempotency?: { readonly key: string; readonly hash: string };
}

/** A generation, and the events that the call has committed: publish them. */
export interface GenerationChange {
  readonly generation: Generation;
  readonly events: readonly GenerationEvent[];
}

/** A file and its text, of which one part (up to 256 KB) is in memory at a time. Read it once. */
export interface OpenedFile {
  readonly file: GenerationFile;
  /** Throws NotFound when the file is written anew meanwhile. */
  readonly content: AsyncIterable<string>;
}

/** How far a generation's log has grown. */
export interface GenerationPosition {
  readonly id: string;
  readonly userId: string;
  readonly status: GenerationStatus;
  readonly lastSeq: number;
}

export interface GenerationQuery {
  readonly status?: GenerationStatus;
  /** part of the prompt, without regard to case */
  readonly q?: string;
  readonly cursor?: string;
  readonly limit: number;
}

/** People's generations. What takes a `userId` sees that user's rows and no other: a foreign id is NotFound. */
export interface Generations {
  /**
   * Row, `queued` event (seq 1) and quota in one transaction: it is committed when this resolves.
   * `created` is false when the idempotency key was used for the same request before.
   *
   * @throws {QuotaExceeded} @throws {IdempotencyConflict}
   */
  submit(generation: NewGeneration): Promise<GenerationChange & { readonly created: boolean }>;
  find(userId: string, id: string): Promise<Generation | undefined>;
  /** Newest first. @throws {InvalidCursor} */
  list(userId: string, query: GenerationQuery): Promise<Page<Generation>>;
  /**
   * Completed files stay, and what was written of an open one is kept as partial. A cancelled one is answered as
   * it is, without events.
   *
   * @throws {NotFound} @throws {WrongState} it completed or failed
   */
  cancel(userId: string, id: string): Promise<GenerationChange>;
  /** Queues a failed or cancelled one again, which goes on after its completed files. @throws {NotFound} @throws {WrongState} @throws {QuotaExceeded} */
  retry(userId: string, id: string, limits?: GenerationLimits): Promise<GenerationChange>;
  /** Deletes an ended one with its events and files, and counts that for the day it was submitted. @throws {NotFound} @throws {WrongState} */
  remove(userId: string, id: string): Promise<void>;
  /** By path; of a running one those that it has completed so far. @throws {NotFound} */
  listFiles(userId: string, id: string): Promise<GenerationFile[]>;
  /** @throws {NotFound} */
  openFile(userId: string, id: string, path: string): Promise<OpenedFile>;
  /** Up to `limit` events with a seq above `afterSeq`, in order; fewer only at the end of the log. */
  events(id: string, afterSeq: number, limit: number): Promise<GenerationEvent[]>;
  /** Unknown ids are left out. */
  positions(ids: readonly string[]): Promise<GenerationPosition[]>;
  owner(id: string): Promise<string | undefined>;
  /** Queued rows older than this, oldest first: what a queue may have forgotten. */
  listWaiting(olderThanMs: number, limit: number): Promise<{ id: string; priority: number }[]>;
  /** Rows per status over all users. */
  countByStatus(): Promise<Record<GenerationStatus, number>>;
}
