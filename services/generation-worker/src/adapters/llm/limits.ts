/** What one generation may cost. Sizes are UTF-8 bytes. */
export interface LlmLimits {
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
  readonly maxFiles: number;
  /** How often a model that was cut off is asked to go on. */
  readonly maxContinuations: number;
  /** How many answers in a row may bring no file that wasn't there. */
  readonly maxFruitless: number;
  /** How often a model is asked for files again that can't be used; for each of them once. */
  readonly maxRepairs: number;
}

/** How long the model may take, in milliseconds. */
export interface LlmTimeouts {
  /** From the request to the first chunk: a queue and a long prompt come before it. */
  readonly firstChunkMs: number;
  /** Between two chunks. */
  readonly idleMs: number;
  /** The whole generation, continuations included. */
  readonly totalMs: number;
  /** A model that sends something, but no file, for this long is said to be thinking. */
  readonly quietMs: number;
}

export const defaultLimits: LlmLimits = {
  maxFileBytes: 8 * 1024 * 1024,
  maxTotalBytes: 256 * 1024 * 1024,
  maxFiles: 2_000,
  maxContinuations: 12,
  maxFruitless: 3,
  maxRepairs: 3,
};

export const defaultTimeouts: LlmTimeouts = {
  firstChunkMs: 100_000,
  idleMs: 60_000,
  totalMs: 15 * 60_000,
  quietMs: 10_000,
};
