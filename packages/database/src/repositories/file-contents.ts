import type { Sql } from "../sql";

/** UTF-16 units of a file's text that are read, written and held at once; larger files are stored in parts. */
export const FILE_PART_LENGTH = 256 * 1024;

/**
 * A stored file's text, one part in memory at a time. A file that is written anew meanwhile ends early: whoever
 * has to know compares the bytes.
 */
export async function* readFileContent(
  sql: Sql,
  generationId: string,
  path: string,
): AsyncGenerator<string, void, undefined> {
  const [file] = await sql.query<{ content: string | null }>(
    "select content from generation_files where generation_id = $1 and path = $2",
    [generationId, path],
  );
  if (file === undefined) return;
  if (file.content !== null) {
    yield file.content;
    return;
  }
  for (let part = 0; ; part += 1) {
    const [row] = await sql.query<{ content: string }>(
      "select content from generation_file_parts where generation_id = $1 and path = $2 and part = $3",
      [generationId, path, part],
    );
    if (row === undefined) return;
    yield row.content;
  }
}
