import { generationStatuses, type GenerationStatus } from "@vibe-friend/contracts/generation";
import type { Sql } from "../sql";
import { cancelGeneration, removeGeneration, retryGeneration } from "./end-generation";
import { createFileReads } from "./generation-file-reads";
import { createLogReads } from "./generation-log-reads";
import type { Generations } from "./generation-records";
import { generationColumns, toGeneration, type GenerationRow } from "./generation-rows";
import { listGenerations } from "./list-generations";
import { submitGeneration } from "./submit-generation";

export type {
  GenerationChange,
  GenerationLimits,
  GenerationPosition,
  GenerationQuery,
  Generations,
  NewGeneration,
  OpenedFile,
} from "./generation-records";

/** Generations in Postgres. */
export function createGenerations(sql: Sql): Generations {
  return {
    submit: (generation) => submitGeneration(sql, generation),
    cancel: (userId, id) => cancelGeneration(sql, userId, id),
    retry: (userId, id, limits) => retryGeneration(sql, { userId, id }, limits),
    remove: (userId, id) => removeGeneration(sql, userId, id),
    list: (userId, query) => listGenerations(sql, userId, query),
    ...createFileReads(sql),
    ...createLogReads(sql),
    async find(userId, id) {
      const [row] = await sql.query<GenerationRow>(
        `select ${generationColumns("g")} from generations g where g.id = $1 and g.user_id = $2`,
        [id, userId],
      );
      return row && toGeneration(row);
    },
    async owner(id) {
      const [row] = await sql.query<{ user_id: string }>("select user_id from generations where id = $1", [
        id,
      ]);
      return row?.user_id;
    },
    listWaiting: (olderThanMs, limit) =>
      sql.query(
        `select id, priority from generations
         where status = 'queued' and (run_after is null or run_after <= now())
           and greatest(queued_at, run_after) <= now() - $1 * interval '1 ms'
         order by priority, created_at, id limit $2`,
        [olderThanMs, limit],
      ),
    async countByStatus() {
      const rows = await sql.query<{ status: GenerationStatus; count: number }>(
        "select status, count(*)::int as count from generations group by status",
      );
      const counts = Object.fromEntries(generationStatuses.map((status) => [status, 0]));
      for (const row of rows) counts[row.status] = row.count;
      return counts as Record<GenerationStatus, number>;
    },
  };
}
