import { setTimeout as sleep } from "node:timers/promises";
import type { DataSource } from "typeorm";
import { createReachability } from "./reachability";
import { createStatements } from "./run-statements";
import type { Sql } from "./sql";
import { createDataSource } from "./typeorm-options";

/** How a process uses Postgres. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:port/name` */
  readonly url: string;
  /** Connections at most; default 10. */
  readonly poolSize?: number;
  /** Milliseconds until a call (a statement or a whole transaction) is given up, waiting included; default 2000. */
  readonly queryTimeoutMs?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName: string;
  /** Milliseconds to wait for Postgres at the start; default 0. Not reaching it is no error. */
  readonly waitForMs?: number;
}

/** Postgres as one process sees it. Comes back by itself when Postgres does. */
export interface Database extends Sql {
  readonly dataSource: DataSource;
  /** Asks Postgres now. @throws {DatabaseUnavailable} */
  ping(): Promise<void>;
  /** Whether the last statement, or the look that is taken every second, reached Postgres. */
  isReachable(): boolean;
  /** Milliseconds since Postgres was regained after a loss of more than 2 s; undefined if there was none. */
  regainedMsAgo(): number | undefined;
  /** Milliseconds since a statement last found Postgres away, however shortly; undefined: none yet. */
  lostMsAgo(): number | undefined;
  /** Milliseconds since 1970 on the database's clock, as far as known (this machine's until first asked). */
  now(): number;
  close(): Promise<void>;
}

const WATCH_INTERVAL_MS = 1000;

/** Never rejects because Postgres is away: statements reject with DatabaseUnavailable until it is there. */
export async function connectDatabase(options: DatabaseOptions): Promise<Database> {
  const timeoutMs = options.queryTimeoutMs ?? 2000;
  const dataSource = createDataSource(options.url, {
    applicationName: options.applicationName,
    poolSize: options.poolSize ?? 10,
    connectTimeoutMs: Math.ceil(timeoutMs / 2),
    queryTimeoutMs: timeoutMs,
  });
  const reachability = createReachability();
  const statements = createStatements({ dataSource, reachability, timeoutMs });
  let clockOffsetMs = 0;

  async function ping(): Promise<void> {
    const askedAt = Date.now();
    const rows = await statements.query<{ ms: number }>(
      "select (extract(epoch from clock_timestamp()) * 1000)::float8 as ms",
    );
    const answeredAt = Date.now();
    clockOffsetMs = (rows[0]?.ms ?? answeredAt) - (askedAt + answeredAt) / 2;
  }

  const watch = startWatch(ping);
  await waitFor(ping, options.waitForMs ?? 0);
  return {
    ...statements,
    dataSource,
    ping,
    isReachable: reachability.isReachable,
    regainedMsAgo: reachability.regainedMsAgo,
    lostMsAgo: reachability.lostMsAgo,
    now: () => Math.round(Date.now() + clockOffsetMs),
    async close() {
      await watch.stop();
      if (dataSource.isInitialized) await dataSource.destroy();
    },
  };
}

/** Looks every second, so that a loss is known, the clock is right and TypeORM connects without being asked. */
function startWatch(ping: () => Promise<void>) {
  let looking: Promise<void> | undefined;
  const timer = setInterval(() => {
    looking ??= ping()
      .catch(() => undefined)
      .finally(() => {
        looking = undefined;
      });
  }, WATCH_INTERVAL_MS);
  timer.unref();
  return {
    async stop() {
      clearInterval(timer);
      await looking;
    },
  };
}

async function waitFor(ping: () => Promise<void>, waitForMs: number): Promise<void> {
  const until = performance.now() + waitForMs;
  for (;;) {
    const reached = await ping().then(
      () => true,
      () => false,
    );
    if (reached || performance.now() >= until) return;
    await sleep(100);
  }
}
