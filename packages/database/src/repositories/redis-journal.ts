import type { JournalStore } from "@vibe-friend/redis-kit/journal/journal-store";
import type { Sql } from "../sql";

/** redis-kit's journal, and what keeps it small. */
export interface RedisJournal extends JournalStore {
  /** Deletes rows drained longer ago than this. @returns how many */
  prune(olderThanMs: number): Promise<number>;
  countOpen(): Promise<number>;
}

export function createRedisJournal(sql: Sql): RedisJournal {
  throw new Error(`not yet ${typeof sql}`);
}
