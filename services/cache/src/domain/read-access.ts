import { accessCacheName, type Access } from "@vibe-friend/contracts/cached-values";
import { ProblemError } from "@vibe-friend/service-kit/problem-error";
import type { AccessStore, ReadModelCache } from "./ports";

const TTL_MS = 30 * 60_000;

/** Who a user is and what they may do. @throws not_found; nothing is cached then */
export function createReadAccess({ cache, store }: { cache: ReadModelCache; store: AccessStore }) {
  return function readAccess(userId: string): Promise<Access> {
    return cache.access({
      name: accessCacheName(userId),
      ttlMs: TTL_MS,
      async load() {
        const access = await store.find(userId);
        if (access === undefined) throw new ProblemError("not_found", { detail: "There is no such user" });
        return access;
      },
    });
  };
}
