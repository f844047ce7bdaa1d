export type SessionAdapterName = "ours" | "ours-degraded" | "connect-redis" | "connect-pg-simple";

export interface SessionSetup {
  readonly adapter: SessionAdapterName;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  /** a user that is in the database */
  readonly userId: string;
  readonly peerDirectory: string;
}

/** One session store as the benchmarks see it. */
export interface SessionContestant {
  /** @returns what the person's cookie would hold */
  create(): Promise<string>;
  /** @returns whose session it is; undefined when there is none */
  find(token: string): Promise<string | undefined>;
  /** What a request does after `find` to keep the session alive; nothing for those that do it by themselves. */
  touch(token: string): Promise<void>;
  close(): Promise<unknown>;
}

export type OpenSessions = (setup: SessionSetup) => Promise<SessionContestant>;

export const sessionTtlMs = 24 * 3_600_000;
/** connections of every pool to Postgres, ours and others' */
export const databasePoolSize = 10;
