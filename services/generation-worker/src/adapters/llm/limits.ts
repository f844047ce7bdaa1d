/** What one generation may cost. Sizes are UTF-8 bytes. */
export interface LlmLimits {
  readonly maxFileBytes: number;
  readonly maxTotalBytes: number;
  readonly maxFiles: number;
  /** How often a model that was cut off is asked to go on. */
  readonly maxContinuations: number;
}

/** How long the model may take, in milliseconds. */
export interface LlmTimeouts {
  /** From the request to the first chunk: a queue and a long prompt come before it. */
  readonly firstChunkMs: number;
  /** Between two chunks. */
  readonly idleMs: number;
  /** The whole generation, continuations included. */
  readonly totalMs: number;
}

export const defaultLimits: LlmLimits = {
  maxFileBytes: 1024 * 1024,
  maxTotalBytes: 20 * 1024 * 1024,
  maxFiles: 500,
  maxContinuations: 3,
};

export const defaultTimeouts: LlmTimeouts = {
  firstChunkMs: 120_000,
  idleMs: 60_000,
  totalMs: 15 * 60_000,
};
