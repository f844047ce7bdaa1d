import { findElision } from "./find-elision";
import { findSyntaxError } from "./find-syntax-error";

const PROSE = /\.(?:md|mdx|markdown|txt|rst|adoc)$/i;

/** Why a file can't be used as the model wrote it, in a few words; undefined where nothing speaks against it. */
export function findFault(path: string, content: string): string | undefined {
  if (/^`{3}[\w+-]*\s*\n/.test(content) && !PROSE.test(path)) return "it stands in a Markdown fence";
  return findElision(path, content) ?? findSyntaxError(path, content);
}
