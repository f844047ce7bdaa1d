import { cutText } from "../well-formed-text";
import { isRemarkOnGap } from "./gap-remarks";

/** Longer lines hold code or data, not a remark about what was left out. */
const MAX_LINE_LENGTH = 160;
const MAX_QUOTE_LENGTH = 80;

/** Most lines have none of these and need no closer look. */
const SUSPICIOUS = /\.\.\.|…|\b(?:rest|remain\w*|existing|previous|other|omitted|here|todo|fixme)\b/i;
const COMMENT = /^(?:\/\/+|#+(?!!)|--|;+|%+|\/\*+|<!--|\{\/\*+)\s?(.*?)\s*(?:\*+\/\}?|-->)?$/;
/** Behind code, only remarks that begin with dots count. */
const TRAILING = /\/\*+\s*((?:\.{3}|…).*?)\s*\*+\/|\s(?:\/\/|#)\s*((?:\.{3}|…).*)$/;
const BRACKETED = /^[[(<]\s*(.*?)\s*[\])>]$/;
const ONLY_DOTS = /^(?:\.{3,}|…+)$/;
/** Without a comment's sign it must look like words, and like nothing of any language. */
const BARE_WORDS = /^(?:\.{3,}|…)\s+[A-Za-z][\w'-]*(?:\s[\w'-]+)+\s*(?:\.{3,}|…)?$/;

const PROSE = /\.(?:md|mdx|markdown|txt|rst|adoc|csv|tsv|log|svg|ipynb)$/i;
/** Where a line of three dots has a meaning. */
const HAS_DOTS = /\.(?:pyi?|ya?ml)$/i;

/**
 * Finds a line that stands for text the model left out, such as `// ... existing code ...` or
 * `# rest unchanged`, and says where. A spread, a Python stub and prose are none; in Markdown and other prose only
 * HTML comments are looked at.
 *
 * Takes time in proportion to the text.
 */
export function findElision(path: string, content: string): string | undefined {
  let number = 1;
  for (let from = 0; from < content.length; number += 1) {
    const next = content.indexOf("\n", from);
    const to = next === -1 ? content.length : next;
    const line = to - from > MAX_LINE_LENGTH ? "" : content.slice(from, to).trim();
    if (SUSPICIOUS.test(line) && isElision(path, line)) {
      return `line ${number} stands for something left out (“${cutText(line, MAX_QUOTE_LENGTH)}”)`;
    }
    from = to + 1;
  }
  return undefined;
}

function isElision(path: string, line: string): boolean {
  const comment = COMMENT.exec(line)?.[1];
  if (PROSE.test(path)) return line.startsWith("<!--") && isRemarkOnGap(comment ?? "");
  if (comment !== undefined) return ONLY_DOTS.test(comment) || isRemarkOnGap(comment);
  if (ONLY_DOTS.test(line)) return !HAS_DOTS.test(path);
  const [, inBlock, inLine] = TRAILING.exec(line) ?? [];
  const trailing = inBlock ?? inLine;
  if (trailing !== undefined) return isRemarkOnGap(trailing);
  const bare = BRACKETED.exec(line)?.[1] ?? line;
  return BARE_WORDS.test(bare) && isRemarkOnGap(bare);
}
