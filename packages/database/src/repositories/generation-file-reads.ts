import type { GenerationFile } from "@vibe-friend/contracts/generation";
import { NotFound } from "../errors";
import type { Sql } from "../sql";
import { readRow } from "./end-generation";
import type { Generations } from "./generation-records";

type FileReads = Pick<Generations, "listFiles" | "readFile" | "readAllFiles">;

/** SQL: files of a generation ($1) that belongs to a user ($2). */
const ownFiles = `from generation_files f join generations g on g.id = f.generation_id
  where g.id = $1 and g.user_id = $2`;

export function createFileReads(sql: Sql): FileReads {
  async function readFiles<Row>(target: readonly [id: string, userId: string], columns: string) {
    const [id, userId] = target;
    const rows = await sql.query<Row>(`select ${columns} ${ownFiles} order by f.path collate "C"`, [
      id,
      userId,
    ]);
    // No files yet, or no generation of this user: only the second is an error.
    if (rows.length === 0) await readRow(sql, userId, id);
    return rows;
  }

  return {
    listFiles: (userId, id) => readFiles<GenerationFile>([id, userId], "f.path, f.bytes, f.sha256"),
    readAllFiles: (userId, id) =>
      readFiles<GenerationFile & { content: string }>([id, userId], "f.path, f.bytes, f.sha256, f.content"),
    async readFile(userId, id, path) {
      const [file] = await sql.query<GenerationFile & { content: string }>(
        `select f.path, f.bytes, f.sha256, f.content ${ownFiles} and f.path = $3`,
        [id, userId, path],
      );
      if (file === undefined) throw new NotFound("there is no such file");
      return file;
    },
  };
}
