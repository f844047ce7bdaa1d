import type { DataSource } from "typeorm";
import type { Sql } from "./sql";

/** How a process uses Postgres. */
export interface DatabaseOptions {
  /** `postgres://user:password@host:port/name` */
  readonly url: string;
  /** Connections at most; default 10. */
  readonly poolSize?: number;
  /** Milliseconds until a statement is given up, waiting for a connection included; default 2000. */
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
  /** Milliseconds since Postgres was last regained after a loss; undefined if it was never lost. */
  regainedMsAgo(): number | undefined;
  /** Milliseconds since 1970 on the database's clock, as far as known (this machine's until first asked). */
  now(): number;
  close(): Promise<void>;
}

/** Never rejects because Postgres is away: statements reject with DatabaseUnavailable until it is there. */
export function connectDatabase(options: DatabaseOptions): Promise<Database> {
  throw new Error(`not yet ${options.applicationName}`);
}
