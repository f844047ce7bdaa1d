import { connectDatabase } from "./data-source";
import { createRedisJournal, type RedisJournal } from "./repositories/redis-journal";
import type { Sql } from "./sql";

/** As long as a look at the journal may take, and a little more; milliseconds. */
const LOOK_TIMEOUT_MS = 600;
/** A look that was given up must not keep the next one waiting. */
const LOOK_CONNECTIONS = 2;

/** Where the looks' connections go to. */
export interface RedisJournalOptions {
  readonly url: string;
  readonly applicationName: string;
}

/**
 * redis-kit's journal for the life of a process. It is looked at five times a second on connections of its
 * own: a pool that is busy would make it seem that Postgres is away.
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
  return { ...createRedisJournal(sql, looks), close: () => looks.close() };
}
