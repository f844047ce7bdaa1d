import type { GenerationStatus } from "@vibe-friend/contracts/generation";
import type { GenerationProblem } from "@vibe-friend/contracts/problem";
import { NotFound, WrongState } from "../errors";
import type { Sql } from "../sql";
import type { Archives, ArchiveSource, ArchiveState, ArchiveStatus } from "./archive-records";

export type { Archives, ArchiveSource, ArchiveState } from "./archive-records";

interface StateRow {
  readonly generation_id: string;
  readonly build: string;
  readonly status: ArchiveStatus;
  readonly parts: number;
  readonly bytes: string;
  readonly error: GenerationProblem | null;
}

/** SQL: when it was ordered, to the microsecond, is what names a build; handing it on doesn't change that. */
const build = "(extract(epoch from a.queued_at) * 1000000)::bigint";
const state = `a.generation_id, ${build}::text as build, a.status, a.parts, a.bytes, a.error`;

/** Archives in Postgres. */
export function createArchives(sql: Sql): Archives {
  return {
    describe: (userId, generationId) => describe(sql, userId, generationId),
    request: (userId, generationId) =>
      sql.transaction(async (tx) => {
        const { archive } = await describe(tx, userId, generationId);
        if (archive === undefined || archive.status === "failed") await removeSpent(tx, generationId);
        return order(tx, userId, generationId);
      }),
    async readPart(archive, part) {
      const [row] = await sql.query<StateRow & { content: Buffer | null }>(
        `select ${state}, p.content
         from archives a left join archive_parts p on p.generation_id = a.generation_id and p.part = $3
         where a.generation_id = $1 and ${build} = $2::bigint`,
        [archive.generationId, archive.build, part],
      );
      return row && { ...toState(row), content: row.content };
    },
  };
}

async function describe(sql: Sql, userId: string, generationId: string): Promise<ArchiveSource> {
  type Row = Partial<StateRow> & {
    generation_status: GenerationStatus;
    prompt: string;
    ended_at: Date | null;
    has_files: boolean;
  };
  const [row] = await sql.query<Row>(
    `select g.status as generation_status, g.prompt, g.finished_at as ended_at, ${state},
            exists (select from generation_files f where f.generation_id = g.id) as has_files
     from generations g
     left join archives a on a.generation_id = g.id and a.queued_at >= g.finished_at
     where g.id = $1 and g.user_id = $2`,
    [generationId, userId],
  );
  if (row === undefined) throw new NotFound("there is no such generation");
  if (row.ended_at === null) throw new WrongState(`a ${row.generation_status} generation has no archive yet`);
  if (!row.has_files)
    throw new WrongState(`this generation was ${row.generation_status} before it had files`);
  const archive = row.build ? toState(row as StateRow) : undefined;
  return { prompt: row.prompt, finishedAt: row.ended_at, archive };
}

/** Away with one that failed, or that holds the files of an earlier run. */
async function removeSpent(tx: Sql, generationId: string): Promise<void> {
  await tx.query(
    `delete from archives a using generations g
     where a.generation_id = $1 and g.id = a.generation_id
       and (a.status = 'failed' or a.queued_at < g.finished_at)`,
    [generationId],
  );
}

/** The token begins with the time: whoever still builds a row that was here before holds a smaller one. */
async function order(tx: Sql, userId: string, generationId: string): Promise<ArchiveState> {
  const [row] = await tx.query<StateRow>(
    `insert into archives as a (generation_id, queued_at, claim_token)
     select g.id, clock_timestamp(), (extract(epoch from clock_timestamp()) * 1000000)::bigint
     from generations g
     where g.id = $1 and g.user_id = $2 and g.finished_at is not null for key share
     on conflict (generation_id) do update set used_at = now()
     returning ${state}`,
    [generationId, userId],
  );
  if (row === undefined) throw new NotFound("there is no such generation");
  return toState(row);
}

function toState(row: StateRow): ArchiveState {
  return {
    generationId: row.generation_id,
    build: row.build,
    status: row.status,
    parts: row.parts,
    bytes: Number(row.bytes),
    error: row.error,
  };
}
