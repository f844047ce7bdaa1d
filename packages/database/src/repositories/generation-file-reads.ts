import type { GenerationFile } from "@vibe-friend/contracts/generation";
import { NotFound } from "../errors";
import type { Sql } from "../sql";
import { readRow } from "./end-generation";
import { readFileContent } from "./file-contents";
import type { Generations } from "./generation-records";

type FileReads = Pick<Generations, "listFiles" | "openFile">;

/** SQL: files of a generation ($1) that belongs to a user ($2). */
const ownFiles = `select f.path, f.bytes, f.sha256, f.partial
  from generation_files f join generations g on g.id = f.generation_id
  where g.id = $1 and g.user_id = $2`;

export function createFileReads(sql: Sql): FileReads {
  return {
    async listFiles(userId, id) {
      const files = await sql.query<GenerationFile>(`${ownFiles} order by f.path collate "C"`, [id, userId]);
      // No files yet, or no generation of this user: only the second is an error.
      if (files.length === 0) await readRow(sql, userId, id);
      return files;
    },
    async openFile(userId, id, path) {
      const [file] = await sql.query<GenerationFile>(`${ownFiles} and f.path = $3`, [id, userId, path]);
      if (file === undefined) throw new NotFound("there is no such file");
      return { file, content: readFileContent(sql, id, file) };
    },
  };
}
