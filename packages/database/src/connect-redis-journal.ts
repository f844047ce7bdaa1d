import { connectDatabase } from "./data-source";
import type { TruthLook } from "@vibe-friend/redis-kit/journal/journal-store";
import { createRedisJournal, type RedisJournal } from "./repositories/redis-journal";
import type { Sql } from "./sql";

/**
 * As long as any statement may take; milliseconds. Whoever looks waits for less, but learns from a late answer
 * that Postgres is slow and not away.
 */
const LOOK_TIMEOUT_MS = 2000;
/** One begins every half a second at most in trouble: those that were given up must not keep the next one waiting. */
const LOOK_CONNECTIONS = 4;
/** As long as telling Redis may take with the rows locked, which for a prefix is walking all its keys, and a little more. */
const DRAIN_TIMEOUT_MS = 7000;
/** One for each role. */
const DRAIN_CONNECTIONS = 2;
/** A look that fails sooner got no connection; one that fails later got no answer. Milliseconds. */
const REFUSED_WITHIN_MS = 250;

/** Where the looks' connections go to. */
export interface RedisJournalOptions {
  readonly url: string;
  readonly applicationName: string;
}

/**
 * redis-kit's journal for the life of a process. It is looked at five times a second on connections of its
 * own: a pool that is busy would make it seem that Postgres is away. Where these are refused the pool is asked.
 *
 * @param sql everything else runs here
 */
export async function connectRedisJournal(
  sql: Sql,
  options: RedisJournalOptions,
): Promise<RedisJournal & { close(): Promise<void> }> {
  const looks = await connectDatabase({
    url: options.url,
    applicationName: `${options.applicationName} journal`,
    poolSize: LOOK_CONNECTIONS,
    queryTimeoutMs: LOOK_TIMEOUT_MS,
  });
  const journal = createRedisJournal(sql, looks);
  const pooled = createRedisJournal(sql);
  let epochs: TruthLook["epochs"] = [];

  async function look(): Promise<TruthLook> {
    const startedAtMs = performance.now();
    try {
      return await journal.look();
    } catch {
      const isRefused = performance.now() - startedAtMs <= REFUSED_WITHIN_MS;
      // Postgres may have no connection left to give, while the pool's are open and people are answered through them.
      const seen = isRefused ? await pooled.look().catch(() => undefined) : undefined;
      if (seen !== undefined) return seen;
      // Only the journal can't be read, behind a lock perhaps: whoever can be asked must be asked.
      await sql.query("select 1");
      return { epochs, rows: [], overflow: true };
    }
  }

  // Most processes never drain: whoever wrote a row tells Redis himself.
  let drains: ReturnType<typeof connectDatabase> | undefined;

  return {
    ...journal,
    async drain(batch, apply) {
      drains ??= connectDatabase({
        url: options.url,
        applicationName: `${options.applicationName} journal drain`,
        poolSize: DRAIN_CONNECTIONS,
        queryTimeoutMs: DRAIN_TIMEOUT_MS,
      });
      return createRedisJournal(await drains).drain(batch, apply);
    },
    async look() {
      const seen = await look();
      epochs = seen.epochs;
      return seen;
    },
    async close() {
      await Promise.all([looks.close(), drains?.then((opened) => opened.close())]);
    },
  };
}
