import type { Token } from "./tokens";

/** A place in a list of tokens; `end` is the first token that is out of bounds. */
export interface Cursor {
  readonly tokens: readonly Token[];
  index: number;
  readonly end: number;
}

export function peek(cursor: Cursor, ahead = 0): Token | undefined {
  const at = cursor.index + ahead;
  return at < cursor.end ? cursor.tokens[at] : undefined;
}

export function isDone(cursor: Cursor): boolean {
  return cursor.index >= cursor.end;
}

/** The lower-case word `ahead` tokens on, or "" where there is no word. */
export function wordAt(cursor: Cursor, ahead = 0): string {
  const token = peek(cursor, ahead);
  return token?.kind === "word" ? token.lower : "";
}

export function isMark(token: Token | undefined, marks: string): boolean {
  return token?.kind === "mark" && marks.includes(token.value);
}

/** Takes the words of `phrase` if they come next. */
export function takeWords(cursor: Cursor, phrase: string): boolean {
  const first = wordAt(cursor);
  // Nearly all calls end here, and long prompts make very many.
  if (first === "" || !phrase.startsWith(first)) return false;
  const words = phrase.split(" ");
  if (!words.every((word, ahead) => wordAt(cursor, ahead) === word)) return false;
  cursor.index += words.length;
  return true;
}

/** Takes one of the punctuation characters `marks` if it comes next. */
export function takeMark(cursor: Cursor, marks: string): boolean {
  if (!isMark(peek(cursor), marks)) return false;
  cursor.index += 1;
  return true;
}

/** The inside of the bracket at the cursor, or undefined where none opens and closes in bounds. */
export function bracketAt(cursor: Cursor): Cursor | undefined {
  const token = peek(cursor);
  if (token?.partner === undefined || !isMark(token, "([{") || token.partner >= cursor.end) return undefined;
  return { tokens: cursor.tokens, index: cursor.index + 1, end: token.partner };
}

/** Takes the bracket at the cursor and answers its inside. */
export function takeBracket(cursor: Cursor): Cursor | undefined {
  const inside = bracketAt(cursor);
  if (inside !== undefined) cursor.index = inside.end + 1;
  return inside;
}

const SEPARATOR_WORDS = new Set(["and", "plus"]);

/** Whether the token parts two fields, values or nouns. */
export function isSeparator(token: Token | undefined): boolean {
  if (token === undefined || token.kind === "break" || isMark(token, ",;&+•")) return true;
  return token.kind === "word" && SEPARATOR_WORDS.has(token.lower);
}

export function takeSeparators(cursor: Cursor): boolean {
  const before = cursor.index;
  while (!isDone(cursor)) {
    if (takeWords(cursor, "as well as") || takeWords(cursor, "along with")) continue;
    if (!isSeparator(peek(cursor)) && !isMark(peek(cursor), ".")) break;
    cursor.index += 1;
  }
  return cursor.index > before;
}
