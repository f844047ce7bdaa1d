/**
 * How a model writes files into its answer. Markers are whole lines that start in the first column and
 * carry the nonce of this one generation, so that no text a person or a model writes can be one by chance:
 *
 *     @@FILE <nonce> {"path":"src/a.ts","op":"write"}
 *     …the file's lines…
 *     @@END <nonce>
 *     @@DONE <nonce> {"files":1}
 *
 * A file is every line between its markers, each with its line end: no line at all is the empty file.
 * `"newline":false` in the header takes the last line end away. Where the header line itself ends in CR LF,
 * the file's CR LF become LF; otherwise they are kept.
 */
import { z } from "zod";

/** A line that starts like a marker and is longer than this isn't one. */
export const MAX_MARKER_LENGTH = 2_000;

const headerSchema = z.object({
  path: z.string(),
  op: z.literal("write").default("write"),
  newline: z.boolean().default(true),
});

const doneSchema = z.object({ files: z.number().int().nonnegative() });

export type FileHeader = z.infer<typeof headerSchema>;

export type Marker =
  | { readonly type: "file"; readonly header: FileHeader }
  | { readonly type: "end" }
  | { readonly type: "done"; readonly files: number }
  | { readonly type: "malformed" };

export interface MarkerReader {
  /** The marker a whole line is (without its LF), undefined for any other text. */
  read(line: string): Marker | undefined;
  /** Whether a line that begins so could still turn out to be a marker. */
  couldBecome(beginning: string): boolean;
}

export function createMarkerReader(nonce: string): MarkerReader {
  const file = `@@FILE ${nonce} `;
  const end = `@@END ${nonce}`;
  const done = `@@DONE ${nonce} `;
  const beginnings = [file, end, done];
  return {
    read(line) {
      if (!line.startsWith("@@") || line.length > MAX_MARKER_LENGTH) return undefined;
      if (line.startsWith(file)) return readHeader(line.slice(file.length));
      if (line.startsWith(done)) return readDone(line.slice(done.length));
      return line.trimEnd() === end ? { type: "end" } : undefined;
    },
    couldBecome(beginning) {
      if (beginning.length > MAX_MARKER_LENGTH) return false;
      return beginnings.some((marker) => marker.startsWith(beginning) || beginning.startsWith(marker));
    },
  };
}

function readHeader(json: string): Marker {
  const header = headerSchema.safeParse(parseJson(json));
  return header.success ? { type: "file", header: header.data } : { type: "malformed" };
}

function readDone(json: string): Marker {
  const done = doneSchema.safeParse(parseJson(json));
  return done.success ? { type: "done", files: done.data.files } : { type: "malformed" };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** One file as a model should have written it, markers included. */
export function encodeFile(nonce: string, file: { readonly path: string; readonly content: string }): string {
  const { path, content } = file;
  const whole = content === "" || content.endsWith("\n");
  const header = JSON.stringify({ path, op: "write", ...(whole ? {} : { newline: false }) });
  return `@@FILE ${nonce} ${header}\n${content}${whole ? "" : "\n"}@@END ${nonce}\n`;
}

/** The line that ends a whole answer. */
export function encodeDone(nonce: string, files: number): string {
  return `@@DONE ${nonce} ${JSON.stringify({ files })}\n`;
}
