import type { InvalidateCacheBody, InvalidateCacheResult } from "@vibe-friend/contracts/cache-admin";
import type { Caller } from "@vibe-friend/contracts/internal";
import type { AuditLog, ReadModelCache } from "./ports";

/** Drops by hand what is cached. @throws unavailable: nothing is known to be dropped */
export function createInvalidateCache(dependencies: {
  readonly cache: Pick<ReadModelCache, "invalidate">;
  readonly audit: AuditLog;
}) {
  const { cache, audit } = dependencies;
  return async function invalidateCache(order: {
    what: InvalidateCacheBody;
    userId: string;
    caller: Caller;
  }): Promise<InvalidateCacheResult> {
    const { what, userId, caller } = order;
    const { journaledOnly } = await cache.invalidate(what);
    await audit.append({ userId, action: "cache.invalidated", details: { ...what, journaledOnly }, caller });
    return { tags: what.tags ?? [], keys: what.keys ?? [], prefix: what.prefix ?? null, journaledOnly };
  };
}
