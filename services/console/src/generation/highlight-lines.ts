/** Lines per block of the code view: a block is the unit that is drawn again when it changes. */
export const BLOCK_LINES = 60;

export interface HighlightedLines {
  readonly lines: readonly string[];
  /** The last line that begins outside of every span: highlighting may go on from there. */
  readonly restartLine: number;
}

/** Cuts highlighted HTML into lines that are each complete: spans that go on are closed and opened again. */
export function splitHighlighted(html: string): HighlightedLines {
  const lines: string[] = [];
  const open: string[] = [];
  let restartLine = 0;
  for (const line of html.split("\n")) {
    const prefix = open.join("");
    if (open.length === 0) restartLine = lines.length;
    for (const [tag] of line.matchAll(/<span [^>]*>|<\/span>/g)) {
      if (tag === "</span>") open.pop();
      else open.push(tag);
    }
    lines.push(prefix + line + "</span>".repeat(open.length));
  }
  return { lines, restartLine };
}

export function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}

/** A text's beginning that has been highlighted. */
export interface HighlightedPrefix extends HighlightedLines {
  readonly source: string;
}

/**
 * Highlights what a text has grown by, from the last line that began outside of everything. Costs as much as
 * the growth, not the text; where a language has state that shows in no span it may err until the whole is
 * highlighted.
 */
export function extendHighlight(
  text: string,
  prefix: HighlightedPrefix | undefined,
  highlight: (code: string) => string,
): HighlightedPrefix {
  if (prefix === undefined || !text.startsWith(prefix.source)) {
    return { source: text, ...splitHighlighted(highlight(text)) };
  }
  const from = findLineStart(prefix.source, prefix.lines.length - 1 - prefix.restartLine);
  const rest = splitHighlighted(highlight(text.slice(from)));
  const done = prefix.lines.slice(0, prefix.restartLine);
  return { source: text, lines: [...done, ...rest.lines], restartLine: done.length + rest.restartLine };
}

/** Where the line begins that is `fromEnd` lines before the last. */
function findLineStart(text: string, fromEnd: number): number {
  let at = text.lastIndexOf("\n");
  for (let line = 0; line < fromEnd && at >= 0; line++) at = at === 0 ? -1 : text.lastIndexOf("\n", at - 1);
  return at + 1;
}

/** Lines as HTML: highlighted as far as that has been done and still fits, plain from there on. */
export function renderLines(text: string, prefix: HighlightedPrefix | undefined): readonly string[] {
  if (prefix === undefined || !text.startsWith(prefix.source)) return escapeHtml(text).split("\n");
  if (prefix.source.length === text.length) return prefix.lines;
  // Its last line may have grown.
  const done = prefix.lines.slice(0, -1);
  const rest = text.slice(prefix.source.lastIndexOf("\n") + 1);
  return [...done, ...escapeHtml(rest).split("\n")];
}

/** Blocks of lines, equal strings for blocks that didn't change. A final line break makes no line of its own. */
export function toBlocks(lines: readonly string[]): readonly string[] {
  const last = lines.at(-1) === "" ? lines.length - 1 : lines.length;
  const blocks: string[] = [];
  for (let from = 0; from < last; from += BLOCK_LINES) {
    blocks.push(lines.slice(from, Math.min(from + BLOCK_LINES, last)).join("\n"));
  }
  return blocks;
}

/** Columns of the longest line, with tabs as 2 and everything beyond Latin as 2. */
export function longestLine(text: string): number {
  let longest = 0;
  let columns = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 10) columns = 0;
    else columns += code === 9 || code > 0x2e80 ? 2 : 1;
    if (columns > longest) longest = columns;
  }
  return longest;
}
