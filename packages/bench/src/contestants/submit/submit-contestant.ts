export type SubmitAdapterName = "insert" | "bullmq" | "pg-boss" | "graphile-worker" | "ours" | "ours-http";

export interface SubmitSetup {
  readonly adapter: SubmitAdapterName;
  readonly redisUrl: string;
  readonly databaseUrl: string;
  readonly peerDirectory: string;
  /** only over HTTP */
  readonly gatewayUrl: string;
  /** who submit in turns; one person's submissions wait for each other */
  readonly people: number;
}

/** Where work lies that nobody does yet. */
export interface SubmitCounts {
  readonly rows?: number;
  /** jobs that a worker would be given by Redis */
  readonly jobs?: number;
}

/** One way to say "do this later", as the benchmarks see it. */
export interface SubmitContestant {
  /** Resolves when the caller may rely on it, as far as this library's users do. @param turn rises with every call */
  submit(turn: number): Promise<void>;
  /** Resolves when what was begun behind the answers has ended. */
  settled(): Promise<void>;
  count(): Promise<SubmitCounts>;
  /** @returns undefined for those who keep none */
  countRows(): Promise<number | undefined>;
  /** Forgets all rows, where many of one person's would slow down the next. */
  clear(): Promise<void>;
  close(): Promise<unknown>;
}

export type OpenSubmit = (setup: SubmitSetup) => Promise<SubmitContestant>;

/** connections of every pool to Postgres, ours and others' */
export const databasePoolSize = 10;
export const prompt = "a library with books (title, pages int) and authors (name, email)";
