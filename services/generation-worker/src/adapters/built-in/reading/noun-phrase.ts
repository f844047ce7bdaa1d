import { isMark, peek, wordAt, type Cursor } from "./cursor";
import { beginsModifier } from "./read-modifiers";
import { relationVerbAt } from "./relation-verbs";
import { APP_NOUNS, ARTICLES, OWNING_VERBS, QUALIFIERS, STRUCTURE } from "./vocabulary";
import { isPlural, singular, wordsOf } from "./words";

const MAX_WORDS = 3;
const NOUN_ALTHOUGH_GLUE = new Set([
  "list",
  "lists",
  "record",
  "records",
  "set",
  "sets",
  "request",
  "requests",
]);
const KINDS_OF_TYPE = new Set([
  "table",
  "model",
  "entity",
  "class",
  "interface",
  "type",
  "collection",
  "struct",
  "resource",
]);

/** A noun with what stood before it: `each blog post`. */
export interface NounPhrase {
  /** As written, without articles and adjectives; the last one is the noun. */
  readonly words: readonly string[];
  /** The singular in lower case, one word after the other: what equal things have in common. */
  readonly key: string;
  readonly plural: boolean;
  /** It was introduced by `each` or `every`. */
  readonly each: boolean;
  readonly article: string;
  /** It names the program, not something in it: `a small todo app`. */
  readonly app: boolean;
  /** Index of its first token. */
  readonly start: number;
}

/** Takes the noun phrase at the cursor; undefined, and nothing taken, where there is none. */
export function takeNounPhrase(cursor: Cursor): NounPhrase | undefined {
  const start = cursor.index;
  const lead = skipLead(cursor);
  const words: string[] = [];
  while (words.length < MAX_WORDS) {
    const token = peek(cursor);
    if (token?.kind !== "word" || endsPhrase(cursor, words.length === 0)) break;
    words.push(token.value);
    cursor.index += 1;
    if (isPlural(token.value)) break;
  }
  const key = keyOf(words);
  if (key === "") {
    cursor.index = start;
    return undefined;
  }
  const last = words.at(-1)?.toLowerCase() ?? "";
  return { words, key, plural: isPlural(last), ...lead, app: APP_NOUNS.has(last) && !lead.each, start };
}

/** The name by which different spellings of one thing are known; "" for a name without a usable letter. */
export function keyOf(words: readonly string[]): string {
  const parts = wordsOf(words.join(" "));
  const last = parts.pop();
  return last === undefined ? "" : [...parts, singular(last)].join(" ");
}

function skipLead(cursor: Cursor): { each: boolean; article: string } {
  let each = false;
  let article = "";
  for (;;) {
    const word = wordAt(cursor);
    const next = peek(cursor, 1);
    const followed = next?.kind === "word" || next?.kind === "number";
    if (word === "each" || word === "every") each = true;
    if (followed && KINDS_OF_TYPE.has(word) && isMark(peek(cursor, 2), "{(") && !STRUCTURE.has(next.lower))
      cursor.index += 1;
    else if (followed && (ARTICLES.has(word) || QUALIFIERS.has(word))) {
      if (ARTICLES.has(word)) article = word;
      cursor.index += 1;
      if (peek(cursor)?.kind === "number") cursor.index += 1;
    } else return { each, article };
  }
}

function endsPhrase(cursor: Cursor, first: boolean): boolean {
  const word = wordAt(cursor);
  if (NOUN_ALTHOUGH_GLUE.has(word) && isMark(peek(cursor, 1), "({[:")) return false;
  if (STRUCTURE.has(word)) return true;
  if (first) return false;
  if (beginsModifier(word) || OWNING_VERBS.has(word)) return true;
  return relationVerbAt(cursor) !== undefined;
}
