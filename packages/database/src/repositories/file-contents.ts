import { NotFound } from "../errors";
import type { Sql } from "../sql";

/** UTF-16 units of a file's text that are read, written and held at once; larger files are stored in parts. */
export const FILE_PART_LENGTH = 256 * 1024;

/** One version of a stored file; written anew, its text has another hash. */
export interface FileVersion {
  readonly path: string;
  readonly sha256: string;
}

/**
 * A stored file's text, one part in memory at a time.
 *
 * @throws {NotFound} at any part: the file is gone, or was written anew meanwhile
 */
export async function* readFileContent(
  sql: Sql,
  generationId: string,
  { path, sha256 }: FileVersion,
): AsyncGenerator<string, void, undefined> {
  const [file] = await sql.query<{ content: string | null; parts: number }>(
    `select f.content, (select count(*)::int from generation_file_parts p
       where p.generation_id = f.generation_id and p.path = f.path) as parts
     from generation_files f where f.generation_id = $1 and f.path = $2 and f.sha256 = $3`,
    [generationId, path, sha256],
  );
  if (file === undefined) throw new NotFound("there is no such file");
  if (file.content !== null) {
    yield file.content;
    return;
  }
  for (let part = 0; part < file.parts; part += 1) {
    const [row] = await sql.query<{ content: string }>(
      `select p.content from generation_file_parts p
       join generation_files f on f.generation_id = p.generation_id and f.path = p.path
       where p.generation_id = $1 and p.path = $2 and f.sha256 = $3 and p.part = $4`,
      [generationId, path, sha256, part],
    );
    if (row === undefined) throw new NotFound("the file was written anew while it was read");
    yield row.content;
  }
}

/** The whole text of a file that is known to be small enough. @throws {NotFound} as `readFileContent` */
export async function readWholeFile(sql: Sql, generationId: string, file: FileVersion): Promise<string> {
  const parts: string[] = [];
  for await (const part of readFileContent(sql, generationId, file)) parts.push(part);
  return parts.join("");
}

/** Cuts a text into pieces of at most `FILE_PART_LENGTH`, never within a character; at least one. */
export function cutContent(content: string): readonly string[] {
  const pieces: string[] = [];
  let from = 0;
  do {
    let to = Math.min(content.length, from + FILE_PART_LENGTH);
    if (to < content.length && isFirstHalf(content.charCodeAt(to - 1))) to -= 1;
    pieces.push(content.slice(from, to));
    from = to;
  } while (from < content.length);
  return pieces;
}

/** Of a character that takes two UTF-16 units. */
function isFirstHalf(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
