/** One step of a pipeline. `ttlMs` in milliseconds; without it a value never expires. */
export type PipelineStep =
  | {
      readonly command: "set";
      readonly key: string;
      readonly value: string;
      readonly ttlMs?: number;
      /** "absent": only if there is no such key; "present": only if there is */
      readonly only?: "absent" | "present";
    }
  | { readonly command: "get" | "del"; readonly key: string }
  | { readonly command: "pexpire"; readonly key: string; readonly ttlMs: number }
  | { readonly command: "sadd" | "srem"; readonly key: string; readonly member: string }
  | { readonly command: "getOrSet"; readonly key: string; readonly value: string; readonly ttlMs: number }
  | ({ readonly command: "storeLeased"; readonly key: string } & LeasedValue);

/** Answer of one step: an error of one step leaves the others done. */
export type PipelineAnswer =
  { readonly ok: true; readonly value: unknown } | { readonly ok: false; readonly error: Error };

/** How a value is written. */
export interface SetOptions {
  /** milliseconds; without it the value never expires */
  readonly ttlMs?: number;
  /** "absent": only if there is no such key; "present": only if there is */
  readonly only?: "absent" | "present";
}

/** A value that may only be stored while `lease`, a key in the same Cluster slot, still holds `token`. */
export interface LeasedValue {
  readonly lease: string;
  readonly token: string;
  readonly value: string;
  readonly ttlMs: number;
}

/**
 * The commands redis-kit uses, and nothing else of the client. Every call rejects with whatever the
 * client rejects with: go through a guard, which adds the deadline, the breaker and the fault's name.
 */
export interface RedisCommands {
  ping(): Promise<void>;
  /** undefined: no such key */
  get(key: string): Promise<string | undefined>;
  /** In the order of `keys`; one round trip, in Cluster one parallel wave. */
  mget(keys: readonly string[]): Promise<(string | undefined)[]>;
  /** false: `only` kept it from being written */
  set(key: string, value: string, options?: SetOptions): Promise<boolean>;
  /** Writes `next` only where `previous` still stands; the test and the write are one step. */
  compareAndSet(key: string, change: { previous: string; next: string; ttlMs: number }): Promise<boolean>;
  /** The test, storing the value and ending the lease are one step. false: the lease stands no more, nothing is stored */
  storeLeased(key: string, stored: LeasedValue): Promise<boolean>;
  /** What stands there, or else `value`, which is put there; either way it ends `ttlMs` from now. */
  getOrSet(key: string, value: string, ttlMs: number): Promise<string>;
  /** Deletes the key only where `value` still stands. */
  compareAndDelete(key: string, value: string): Promise<boolean>;
  /** Lets the key live `ttlMs` from now only where `value` still stands. */
  compareAndExpire(key: string, value: string, ttlMs: number): Promise<boolean>;
  /** @returns how many of them existed */
  del(keys: readonly string[]): Promise<number>;
  /** `del` that leaves freeing the memory for later; sent in the order of `keys`. */
  unlink(keys: readonly string[]): Promise<number>;
  /** All keys that match a pattern (`*`, `?`, `[]`), page by page; a key may come twice. In Cluster all masters. */
  scan(pattern: string): AsyncIterable<readonly string[]>;
  pexpire(key: string, ttlMs: number): Promise<boolean>;
  /** Adds one and returns the sum; the first addition starts the window of `ttlMs` milliseconds. */
  incr(key: string, ttlMs: number): Promise<number>;
  sadd(key: string, members: readonly string[]): Promise<number>;
  srem(key: string, members: readonly string[]): Promise<number>;
  smembers(key: string): Promise<string[]>;
  /** @returns how many subscribers the server handed it to (in Cluster: on the node that was asked) */
  publish(channel: string, message: string): Promise<number>;
  /** INFO as text; `section` as in Redis ("memory", "replication") */
  info(section?: string): Promise<string>;
  /** One round trip without a transaction; in Cluster the steps run side by side. */
  pipeline(steps: readonly PipelineStep[]): Promise<PipelineAnswer[]>;
}
