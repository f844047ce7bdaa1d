import { accessCacheName, accessSchema, type Access } from "@vibe-friend/contracts/cached-values";
import { UnknownUser } from "./errors";
import type { ReadModelSource, Values } from "./ports";

/** Milliseconds; whoever changes an account or a role drops the value at once. */
const TTL_MS = 30 * 60_000;

/**
 * Who somebody is and what they may do, cache-aside.
 *
 * @throws {UnknownUser} there is no such user; nothing is cached
 */
export function createFindAccess({ source, values }: { source: ReadModelSource; values: Values }) {
  return async function findAccess(userId: string): Promise<Access> {
    return await values.getOrLoad({
      name: accessCacheName(userId),
      schema: accessSchema,
      ttlMs: TTL_MS,
      async load() {
        const access = await source.findAccess(userId);
        if (access === undefined) throw new UnknownUser();
        return access;
      },
    });
  };
}
