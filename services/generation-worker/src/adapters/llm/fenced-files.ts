import { InvalidFilePath, parseFilePath } from "../../domain/file-path";

export interface FencedFile {
  readonly path: string;
  readonly content: string;
  /** False where the answer ended inside of the block. */
  readonly closed: boolean;
}

const FENCE = /^ {0,3}(`{3,}|~{3,})\s*(.*?)\s*$/;
const KNOWN_NAMES = /^(Dockerfile|Makefile|LICENSE|Procfile|Caddyfile|Jenkinsfile)$/;
const COMMENT = /^\s*(?:\/\/|#(?!!)|--|\/\*|<!--|;)\s*(?:file(?:name)?:\s*)?(\S+?)\s*(?:\*\/|-->)?\s*$/i;
const LABELLED = /(?:^|\s|\{)(?:title|file|filename|path)\s*[=:]\s*["']?([^\s"'}]+)/i;

/**
 * Finds files in an answer that ignored the file protocol: fenced blocks whose name stands in the info
 * string (```ts src/a.ts), alone on the line before (**src/a.ts**), or in a comment on the first line
 * (// src/a.ts, which is then left out). Blocks without a name are commands and examples: ignored.
 */
export function parseFencedFiles(answer: string): FencedFile[] {
  const files: FencedFile[] = [];
  let heading = "";
  let block: Block | undefined;
  for (const raw of answer.split("\n")) {
    const line = raw.replace(/\r$/, "");
    if (block === undefined) {
      const opened = openBlock(line, heading);
      if (opened !== undefined) block = opened;
      if (opened !== undefined || line.trim() !== "") heading = opened === undefined ? line : "";
    } else if (closesBlock(block, line)) {
      collect(files, block, true);
      block = undefined;
    } else {
      block.lines.push(line);
    }
  }
  if (block !== undefined) collect(files, block, false);
  return files;
}

interface Block {
  readonly fence: string;
  readonly name: string | undefined;
  readonly isMarkdown: boolean;
  readonly lines: string[];
  /** Fences open inside of a Markdown file. */
  depth: number;
}

function openBlock(line: string, heading: string): Block | undefined {
  const match = FENCE.exec(line);
  if (match === null) return undefined;
  const [, fence = "", info = ""] = match;
  const name = nameInInfo(info) ?? nameInHeading(heading);
  const isMarkdown = /\.(md|mdx|markdown)$/i.test(name ?? "") || /^(md|markdown)\b/i.test(info);
  return { fence, name, isMarkdown, lines: [], depth: 0 };
}

function closesBlock(block: Block, line: string): boolean {
  const match = FENCE.exec(line);
  if (match === null) return false;
  const [, fence = "", info = ""] = match;
  if (fence[0] !== block.fence[0] || fence.length < block.fence.length) return false;
  if (info !== "") {
    if (block.isMarkdown) block.depth += 1;
    return false;
  }
  if (block.depth === 0) return true;
  block.depth -= 1;
  return false;
}

function collect(files: FencedFile[], block: Block, closed: boolean): void {
  const { lines } = block;
  const commented = block.name === undefined ? fileName(COMMENT.exec(lines[0] ?? "")?.[1]) : undefined;
  const path = block.name ?? commented;
  if (path === undefined) return;
  const kept = commented === undefined ? lines : lines.slice(1);
  files.push({ path, content: kept.map((line) => `${line}\n`).join(""), closed });
}

function nameInInfo(info: string): string | undefined {
  const labelled = LABELLED.exec(info)?.[1];
  if (labelled !== undefined) return fileName(labelled);
  const [first = "", second] = info.split(/\s+/);
  const afterColon = /^[\w+#-]+:(.+)$/.exec(first)?.[1];
  return fileName(afterColon ?? second ?? first);
}

function nameInHeading(heading: string): string | undefined {
  const bare = heading
    .trim()
    .replace(/^(?:#{1,6}\s+|[-*+]\s+|\d+[.)]\s+)+/, "")
    .replace(/^(?:\*\*|__|`)*(?:file(?:name)?|path)\s*:\s*/i, "")
    .replace(/^(?:\*\*|__|`)+|(?:\*\*|__|`|:)+$/g, "");
  return fileName(bare);
}

/** The path if the word looks like a file's name. A name that would leave the project isn't one. */
function fileName(word: string | undefined): string | undefined {
  if (word === undefined || /\s/.test(word)) return undefined;
  const path = word.replace(/^\.\//, "");
  const last = path.split("/").at(-1) ?? "";
  if (!/\.[A-Za-z0-9_-]+$/.test(last) && !KNOWN_NAMES.test(last)) return undefined;
  try {
    return parseFilePath(path);
  } catch (error) {
    if (error instanceof InvalidFilePath) return undefined;
    throw error;
  }
}
