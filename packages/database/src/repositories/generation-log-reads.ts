import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import type { Sql } from "../sql";
import { toEvents } from "./generation-rows";
import type { Generations } from "./generation-records";

type LogReads = Pick<Generations, "events" | "positions">;

interface BatchRow {
  readonly seq_from: number;
  readonly events: GenerationEventBody[];
  readonly created_at: Date;
}

interface PositionRow {
  readonly id: string;
  readonly user_id: string;
  readonly status: GenerationStatus;
  readonly last_seq: number;
}

/** What a follower of a generation reads: how far its log has grown, and the log. */
export function createLogReads(sql: Sql): LogReads {
  return {
    async events(id, afterSeq, limit) {
      // Numbers have no gaps, so the events wanted are in the batches that overlap this range.
      const rows = await sql.query<BatchRow>(
        `select seq_from, events, created_at from generation_events
         where generation_id = $1 and seq_to > $2::bigint and seq_from <= $2::bigint + $3::bigint
         order by seq_to limit $3`,
        [id, afterSeq, limit],
      );
      return rows
        .flatMap((row) =>
          toEvents({ generationId: id, seqFrom: row.seq_from, at: row.created_at, events: row.events }),
        )
        .filter((event) => event.seq > afterSeq && event.seq <= afterSeq + limit);
    },
    async positions(ids) {
      if (ids.length === 0) return [];
      const rows = await sql.query<PositionRow>(
        "select id, user_id, status, last_seq from generations where id = any($1::uuid[])",
        [ids],
      );
      return rows.map((row) => ({
        id: row.id,
        userId: row.user_id,
        status: row.status,
        lastSeq: row.last_seq,
      }));
    },
  };
}
