import type { RedisRoleName } from "../connection/redis-role";
import type { JournalStore } from "./journal-store";

/** Rows settled within this time are noted in one statement; milliseconds. */
const gatherMs = 20;

/** Notes in the journal what Redis has taken, many rows at a time. */
export interface Settler {
  settle(id: string, epoch: number): void;
  flush(): Promise<void>;
}

/** Failing is no harm: what isn't noted is drained. */
export function createSettler(role: RedisRoleName, journal: JournalStore): Settler {
  let waiting = new Map<number, string[]>();
  let timer: NodeJS.Timeout | undefined;

  async function flush(): Promise<void> {
    clearTimeout(timer);
    timer = undefined;
    const batches = [...waiting];
    waiting = new Map();
    await Promise.allSettled(batches.map(([epoch, ids]) => journal.settle({ role, ids, epoch })));
  }

  return {
    settle(id, epoch) {
      waiting.set(epoch, [...(waiting.get(epoch) ?? []), id]);
      timer ??= setTimeout(() => void flush(), gatherMs).unref();
    },
    flush,
  };
}
