import type { RedisTrust } from "../journal/trust";
import type { PutSession, SessionValues } from "./session-values";

/** Longer than any look takes to show what ended while a session was being put into Redis; milliseconds. */
const rememberMs = 10_000;

/** Puts sessions into Redis, and takes them out again when they turn out to have ended meanwhile. */
export interface RecentPuts {
  /** In the background: nobody waits for it, and losing it costs one more question to the truth. */
  put(hash: string, put: PutSession): Promise<void>;
}

/**
 * A tombstone keeps late values out, but not if Redis was flushed in between, or if the one that put the value
 * was slow. The journal shows the revocation to this process too: then it leaves a tombstone of its own.
 */
export function createRecentPuts(values: SessionValues, trust: RedisTrust): RecentPuts {
  const puts = new Map<string, PutSession>();
  const ended = new Map<string, { readonly askedAtMs: number }>();

  trust.onInvalidated(({ hashes = [] }) => {
    const known = hashes.filter((hash) => puts.has(hash));
    for (const hash of hashes) ended.set(hash, { askedAtMs: performance.now() });
    if (known.length > 0) void values.revoke(known);
  });
  trust.onDoubt(() => {
    for (const [hash, put] of puts) void values.takeBack(hash, put);
    puts.clear();
  });

  return {
    async put(hash, put) {
      forgetOld(puts);
      forgetOld(ended);
      if (ended.has(hash)) return;
      puts.delete(hash);
      puts.set(hash, put);
      await values.put(hash, put);
    },
  };
}

/** Oldest first, so it stops at the first that is young enough. */
function forgetOld(entries: Map<string, { readonly askedAtMs: number }>): void {
  for (const [hash, { askedAtMs }] of entries) {
    if (performance.now() - askedAtMs < rememberMs) return;
    entries.delete(hash);
  }
}
