import { applyInvalidation } from "../cache/apply-invalidation";
import type { RedisCommands } from "../connection/redis-commands";
import type { RedisRole } from "../connection/redis-role";
import { RedisFault, describeError } from "../errors";
import type { RedisKeys } from "../keys";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import { writeTombstones } from "../sessions/session-values";
import type { JournalEntry, JournalStore } from "./journal-store";
import { readInvalidation } from "./read-invalidation";
import type { WatchedTrust } from "./role-trust";

/** A batch may take this long; people don't wait for it. Milliseconds. */
const applyDeadlineMs = 1000;
/** For a prefix all keys are walked through, twice; the journal's transaction stays open meanwhile. Milliseconds. */
const prefixApplyDeadlineMs = 5000;
const pruneEveryMs = 60_000;
/** Taken rows are of no use after seconds; an hour of them is for people who look into it. */
const pruneAgeMs = 3_600_000;

/** What the drain loop needs. */
export interface DrainJournalOptions {
  readonly journal: JournalStore;
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** Drains only what it shows to be open, and only into the recorded server. Without it: always, into any. */
  readonly trust?: Pick<WatchedTrust, "standing" | "hasOpen">;
  readonly logger?: KitLogger;
  readonly metrics?: KitMetrics;
  /** milliseconds between looks; default 250 */
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

/**
 * Tells Redis what was deleted while it couldn't be told, for as long as the process lives: any healthy
 * process does it, since the one that made the row may be cut off. Rows stay open until the Redis that
 * everybody reads has answered. About once a minute it takes away rows of more than an hour ago.
 */
export function drainJournal(options: DrainJournalOptions): JournalDrain {
  const { journal, role, keys, trust, logger = noLogger, metrics = noMetrics } = options;
  const { intervalMs = 250, batchSize = 100 } = options;
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  let running: Promise<number> | undefined;
  let failing = false;

  async function drainBatch(): Promise<number> {
    const here = trust?.standing();
    if (trust !== undefined && here === undefined) return 0;
    const epoch = here === undefined ? {} : { epoch: here.epoch };
    let told: readonly JournalEntry[] = [];
    const drained = await journal.drain({ role: role.role, limit: batchSize, ...epoch }, async (entries) => {
      const hasPrefix = entries.some((entry) => readInvalidation(entry)?.prefixes !== undefined);
      const deadlineMs = hasPrefix ? prefixApplyDeadlineMs : applyDeadlineMs;
      const operation = { name: "journal.apply", deadlineMs };
      const done = await role.guard.run(operation, `${entries.length} rows`, (redis) =>
        applyEntries(redis, entries, { keys, logger }),
      );
      if (done.kind === "unavailable") throw done.fault;
      if (trust?.standing()?.turn !== here?.turn) {
        throw new RedisFault("unreachable", "another server answers than the one that was told");
      }
      told = entries;
    });
    // Only now it is noted: what an epoch or a failed commit takes back was not drained.
    if (drained > 0) countDrained(told, metrics);
    return drained;
  }

  async function drainAll(): Promise<number> {
    let total = 0;
    try {
      for (;;) {
        const drained = await drainBatch();
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
      const drained = trust?.hasOpen() === false ? Promise.resolve(0) : drainNow();
      void drained.finally(() => {
        if (!stopped) schedule();
      });
    }, intervalMs);
    timer.unref();
  }

  const pruning = setInterval(() => {
    journal.prune(pruneAgeMs).catch((error: unknown) => {
      logger.debug("the redis journal could not be pruned", { error: describeError(error) });
    });
  }, pruneEveryMs);
  pruning.unref();
  const unsubscribe = role.health.onChange((status) => {
    if (status.mode === "recovering") void drainNow();
  });
  if (!role.disabled) schedule();
  return {
    drainNow,
    async stop() {
      stopped = true;
      clearTimeout(timer);
      clearInterval(pruning);
      unsubscribe();
      await running;
    },
  };
}

function countDrained(entries: readonly JournalEntry[], metrics: KitMetrics): void {
  for (const entry of entries) {
    const kind = readInvalidation(entry) === undefined ? "unknown" : entry.kind;
    metrics.count("redis_journal_drained_total", { kind });
  }
}

async function applyEntries(
  redis: RedisCommands,
  entries: readonly JournalEntry[],
  { keys, logger }: { keys: RedisKeys; logger: KitLogger },
): Promise<void> {
  const sessions = new Set<string>();
  const values = { keys: new Set<string>(), tags: new Set<string>(), prefixes: new Set<string>() };
  for (const entry of entries) {
    const what = readInvalidation(entry);
    for (const hash of what?.hashes ?? []) sessions.add(keys.session(hash));
    for (const name of what?.keys ?? []) values.keys.add(name);
    for (const tag of what?.tags ?? []) values.tags.add(tag);
    for (const prefix of what?.prefixes ?? []) values.prefixes.add(prefix);
    if (what === undefined) {
      const { id, kind } = entry;
      // Kept open it would be read for ever; a newer version that knows it may run elsewhere, so it is said aloud.
      logger.error("a row of the redis journal is of no known kind and was skipped", { id, kind });
    }
  }
  if (sessions.size > 0) await writeTombstones(redis, [...sessions]);
  const { keys: names, tags, prefixes } = values;
  if (names.size + tags.size + prefixes.size > 0) {
    await applyInvalidation(redis, keys, { keys: [...names], tags: [...tags], prefixes: [...prefixes] });
  }
}
