import type { Generation } from "@vibe-friend/contracts/generation";
import type { Page } from "@vibe-friend/contracts/ids";
import type { Sql } from "../sql";
import { encodeCursor, isAfterPosition, microsOf, parseCursor } from "./cursor";
import { generationColumns, toGeneration, type GenerationRow } from "./generation-rows";
import type { GenerationQuery } from "./generation-records";

/** @throws {InvalidCursor} */
export async function listGenerations(
  sql: Sql,
  userId: string,
  query: GenerationQuery,
): Promise<Page<Generation>> {
  const parameters: unknown[] = [userId, query.limit + 1];
  const conditions = ["g.user_id = $1"];
  if (query.cursor !== undefined) {
    const position = parseCursor(query.cursor);
    parameters.push(position.micros, position.id);
    conditions.push(isAfterPosition("g", parameters.length - 1));
  }
  if (query.status !== undefined) {
    parameters.push(query.status);
    conditions.push(`g.status = $${parameters.length}`);
  }
  if (query.q !== undefined && query.q !== "") {
    parameters.push(`%${query.q.replace(/[\\%_]/g, "\\$&")}%`);
    conditions.push(`g.prompt ilike $${parameters.length}`);
  }
  const rows = await sql.query<GenerationRow & { micros: string }>(
    `select ${generationColumns("g")}, ${microsOf("g.created_at")} as micros from generations g
     where ${conditions.join(" and ")} order by g.created_at desc, g.id desc limit $2`,
    parameters,
  );
  const items = rows.slice(0, query.limit);
  const last = rows.length > query.limit ? items.at(-1) : undefined;
  return { items: items.map(toGeneration), nextCursor: last === undefined ? null : encodeCursor(last) };
}
