import { connectDatabase } from "@vibe-friend/database/data-source";

/** How the generations of a database stand. */
export interface GenerationRows {
  readonly total: number;
  readonly open: number;
  /** completed at the first try, with files */
  readonly whole: number;
  readonly events: number;
}

export interface GenerationWatch {
  count(): Promise<GenerationRows>;
  /** Looks until nobody is queued or running. @throws {Error} when that takes longer */
  waitUntilEnded(patienceMs: number): Promise<GenerationRows>;
  close(): Promise<void>;
}

const lookEveryMs = 20;

/** Looks at the rows from outside. */
export async function watchGenerations(databaseUrl: string): Promise<GenerationWatch> {
  const database = await connectDatabase({ url: databaseUrl, applicationName: "bench", waitForMs: 10_000 });

  async function count(): Promise<GenerationRows> {
    const [row] = await database.query<GenerationRows>(
      `select count(*)::int as total,
              count(*) filter (where status in ('queued', 'running'))::int as open,
              count(*) filter (where status = 'completed' and attempt = 1 and files_count > 0)::int as whole,
              coalesce(sum(last_seq), 0)::int as events
       from generations`,
    );
    if (row === undefined) throw new Error("nothing could be counted");
    return row;
  }

  return {
    count,
    async waitUntilEnded(patienceMs) {
      const until = performance.now() + patienceMs;
      for (;;) {
        const rows = await count();
        if (rows.open === 0) return rows;
        if (performance.now() > until) throw new Error(`${rows.open} generations had no end in time`);
        await new Promise((resolve) => setTimeout(resolve, lookEveryMs));
      }
    },
    close: () => database.close(),
  };
}
