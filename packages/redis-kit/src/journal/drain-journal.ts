import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { JournalStore } from "./journal-store";

/** What the drain loop needs. */
export interface DrainJournalOptions {
  readonly journal: JournalStore;
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly logger?: KitLogger;
  /** milliseconds between looks; default 500 */
  readonly intervalMs?: number;
  /** rows per transaction; default 100 */
  readonly batchSize?: number;
}

/** A running drain loop. */
export interface JournalDrain {
  /** Looks now instead of at the next interval. @returns rows drained; 0 also when Redis or the journal is away */
  drainNow(): Promise<number>;
  stop(): Promise<void>;
}

export function drainJournal(options: DrainJournalOptions): JournalDrain {
  throw new Error(`not yet ${options.role.role}`);
}
