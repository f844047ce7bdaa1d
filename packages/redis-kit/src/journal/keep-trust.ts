import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";
import type { KitMetrics } from "../metrics";
import { drainJournal } from "./drain-journal";
import type { JournalStore } from "./journal-store";
import { watchTruth } from "./watch-truth";
import type { TruthWatch } from "./watch-truth";

/** What keeps a process's trust in its Redis right. */
export interface KeepTrustOptions {
  readonly journal: JournalStore;
  readonly roles: readonly RedisRole[];
  readonly keys: RedisKeys;
  /** how long Redis alone is believed while the journal can't be read; milliseconds (AUTH_STALE_MAX) */
  readonly staleMaxMs: number;
  readonly logger?: KitLogger;
  readonly metrics?: KitMetrics;
}

/** Watches the journal for all roles of a process, and drains it into them. Resolves after the first look. */
export async function keepTrust(options: KeepTrustOptions): Promise<TruthWatch> {
  const watch = watchTruth(options);
  const drains = options.roles.map((role) => drainJournal({ ...options, role, trust: watch.of(role) }));
  await watch.lookNow();
  return {
    ...watch,
    async stop() {
      await Promise.all(drains.map((drain) => drain.stop()));
      await watch.stop();
    },
  };
}
