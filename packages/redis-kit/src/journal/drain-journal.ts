import { z } from "zod";
import type { RedisCommands } from "../connection/redis-commands";
import type { RedisRole } from "../connection/redis-role";
import { describeError } from "../errors";
import type { RedisKeys } from "../keys";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { writeTombstones } from "../sessions/session-values";
import type { JournalEntry, JournalStore } from "./journal-store";

/** A batch may take this long; people don't wait for it. Milliseconds. */
const applyDeadlineMs = 1000;

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

const sessionPayload = z.object({ hashes: z.array(z.string()) });
const cachePayload = z.object({ keys: z.array(z.string()) });

/**
 * Tells Redis what was deleted while it couldn't be told, for as long as the process lives: any healthy
 * process does it, since the one that made the row may be cut off. Rows stay open until Redis has answered.
 */
export function drainJournal(options: DrainJournalOptions): JournalDrain {
  const { journal, role, keys, logger = noLogger, intervalMs = 500, batchSize = 100 } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<number> | undefined;
  let failing = false;

  async function apply(entries: readonly JournalEntry[]): Promise<void> {
    const operation = { name: "journal.apply", deadlineMs: applyDeadlineMs };
    const done = await role.guard.run(operation, `${entries.length} rows`, (redis) =>
      applyEntries(redis, entries, { keys, logger }),
    );
    if (done.kind === "unavailable") throw done.fault;
  }

  async function drainAll(): Promise<number> {
    let total = 0;
    try {
      for (;;) {
        const drained = await journal.drain({ role: role.role, limit: batchSize }, apply);
        total += drained;
        if (drained < batchSize || stopped) break;
      }
      failing = false;
    } catch (error) {
      if (!failing) logger.warn("the redis journal could not be drained", { error: describeError(error) });
      failing = true;
    }
    if (total > 0) logger.info("told redis what it had missed", { role: role.role, rows: total });
    return total;
  }

  function drainNow(): Promise<number> {
    if (stopped || role.health.status().mode === "degraded") return Promise.resolve(0);
    running ??= drainAll().finally(() => {
      running = undefined;
    });
    return running;
  }

  function schedule(): void {
    timer = setTimeout(() => {
      void drainNow().finally(() => {
        if (!stopped) schedule();
      });
    }, intervalMs);
    timer.unref();
  }

  const unsubscribe = role.health.onChange((status) => {
    if (status.mode === "recovering") void drainNow();
  });
  if (!role.disabled) schedule();
  return {
    drainNow,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      unsubscribe();
      await running;
    },
  };
}

async function applyEntries(
  redis: RedisCommands,
  entries: readonly JournalEntry[],
  { keys, logger }: { keys: RedisKeys; logger: KitLogger },
): Promise<void> {
  const sessions = new Set<string>();
  const values = new Set<string>();
  for (const { id, kind, payload } of entries) {
    const revoked = kind === "session.revoked" ? sessionPayload.safeParse(payload).data : undefined;
    const invalidated = kind === "cache.invalidated" ? cachePayload.safeParse(payload).data : undefined;
    for (const hash of revoked?.hashes ?? []) sessions.add(keys.session(hash));
    for (const name of invalidated?.keys ?? []) values.add(keys.cache(name));
    if (revoked === undefined && invalidated === undefined) {
      // Kept open it would be read for ever; a newer version that knows it may run elsewhere, so it is said aloud.
      logger.error("a row of the redis journal is of no known kind and was skipped", { id, kind });
    }
  }
  if (sessions.size > 0) await writeTombstones(redis, [...sessions]);
  if (values.size > 0) await redis.del([...values]);
}
