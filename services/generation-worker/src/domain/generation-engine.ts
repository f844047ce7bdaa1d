/** A file that an earlier attempt completed. Its text stays where it is stored until somebody asks for it. */
export interface CompletedFile {
  readonly path: string;
  /** UTF-8 */
  readonly bytes: number;
  /** Of the text, in lower-case hex. */
  readonly sha256: string;
  /** Rejects as the store does; engines let that through. */
  readContent(): Promise<string>;
}

/** What an engine is asked to do. */
export interface EngineRequest {
  readonly generationId: string;
  /** 1 to 32,000 characters, as the person wrote it. */
  readonly prompt: string;
  /** Engine specific; undefined means the engine's default. */
  readonly model: string | undefined;
  /** 1 for the first run. */
  readonly attempt: number;
  /**
   * Files that an earlier attempt completed. They are part of the result: an engine leaves them out of its
   * events, perhaps all there are, and opens again only what it writes anew. Default: none.
   */
  readonly completedFiles?: readonly CompletedFile[];
}

/**
 * What an engine reports while it works, in order. Paths are relative and have passed `parseFilePath`.
 * Between `file:opened` and `file:completed` of a path no other file is open; the deltas of a file
 * concatenate to its content. Opening a path again resets its text. An engine whose source broke off may open
 * another path while one is open; the one left behind is opened again before the end. `usage` is cumulative
 * and may repeat.
 */
export type EngineEvent =
  | { readonly type: "progress"; readonly percent: number; readonly stage: string }
  | { readonly type: "log"; readonly level: "info" | "warn" | "error"; readonly message: string }
  | { readonly type: "file:opened"; readonly path: string; readonly op: "write" }
  | { readonly type: "file:delta"; readonly path: string; readonly text: string }
  | { readonly type: "file:completed"; readonly path: string }
  | { readonly type: "usage"; readonly inputTokens: number; readonly outputTokens: number };

/** Writes a program for a prompt. Ending the iteration without an error means the program is whole. */
export interface GenerationEngine {
  /** The name people choose by, such as `builtin` or `llm`. */
  readonly name: string;
  /**
   * @throws {EngineError} the prompt can't be built from, the model failed, the output was cut short
   * @throws the signal's reason once `signal` is aborted, promptly (within 100 ms)
   */
  generate(request: EngineRequest, signal: AbortSignal): AsyncIterable<EngineEvent>;
}

export type EngineErrorCode =
  | "nothing_to_build"
  | "model_unavailable"
  | "model_rate_limited"
  | "model_refused"
  | "model_timeout"
  | "output_truncated"
  | "output_invalid"
  | "output_too_large";

/** Why an engine gave up, in words for the person who wrote the prompt. Never holds a key or a URL with one. */
export class EngineError extends Error {
  override readonly name = "EngineError";

  constructor(
    readonly code: EngineErrorCode,
    message: string,
    readonly options: {
      readonly retryable: boolean;
      readonly retryAfterMs?: number;
      readonly cause?: unknown;
    },
  ) {
    super(message, { cause: options.cause });
  }

  get retryable(): boolean {
    return this.options.retryable;
  }
}
