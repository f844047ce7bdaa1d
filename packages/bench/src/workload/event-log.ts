import { connectDatabase } from "@vibe-friend/database/data-source";

/** One event as Postgres keeps it. */
export interface LoggedEvent {
  readonly seq: number;
  /** when its batch was given to Postgres; milliseconds since 1970 */
  readonly atMs: number;
  /** type and what belongs to it */
  readonly body: object;
}

interface Batch {
  readonly seqFrom: number;
  readonly atMs: number;
  readonly events: readonly object[];
}

/** Everything a generation said, in order. */
export async function readEventLog(databaseUrl: string, id: string): Promise<readonly LoggedEvent[]> {
  const database = await connectDatabase({ url: databaseUrl, applicationName: "bench", waitForMs: 10_000 });
  try {
    const batches = await database.query<Batch>(
      `select seq_from as "seqFrom", (extract(epoch from created_at) * 1000)::float8 as "atMs", events
       from generation_events where generation_id = $1 order by seq_from`,
      [id],
    );
    return batches.flatMap(({ seqFrom, atMs, events }) =>
      events.map((body, index) => ({ seq: seqFrom + index, atMs, body })),
    );
  } finally {
    await database.close();
  }
}
