import type { UserChange } from "@vibe-friend/database/repositories/user-changes";
import type { Cache } from "@vibe-friend/redis-kit/cache/cache";

/** Drops what a committed change made wrong in caches. Never rejects: where it fails the journal's row does it. */
export type TellCaches = (change: UserChange) => Promise<void>;

export function createTellCaches(cache: Pick<Cache, "invalidate">): TellCaches {
  return async ({ invalidated: { tags, journalId } }) => {
    await cache.invalidate({ tags }, { journalId });
  };
}

/** For a process without Redis: those that have it drain the journal. */
export const leaveToJournal: TellCaches = () => Promise.resolve();
