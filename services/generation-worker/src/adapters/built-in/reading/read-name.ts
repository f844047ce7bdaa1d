import { isMark, isSeparator, peek, wordAt, type Cursor } from "./cursor";
import type { FieldDraft } from "./drafts";
import { isCompoundName, kindOfPhrase, kindOfTypeWord, leadsName } from "./field-types";
import { beginsModifier } from "./read-modifiers";
import { cleanValue } from "./read-values";
import { manyWords } from "./relation-verbs";
import { ARTICLES, QUALIFIERS, STRUCTURE } from "./vocabulary";

const MAX_NAME_WORDS = 4;
const OF_NAMES = new Set([
  "number",
  "date",
  "type",
  "kind",
  "place",
  "year",
  "time",
  "name",
  "cost",
  "country",
  "level",
]);
/** Glue words that are also honest field names when a type or separator follows. */
const NAME_ALTHOUGH_GLUE = new Set([
  "from",
  "to",
  "on",
  "by",
  "in",
  "at",
  "set",
  "list",
  "record",
  "type",
  "like",
  "sets",
]);
/** `placed at`, `due by`: the second word belongs to the name when nothing follows it. */
const NAME_ENDS = new Set(["at", "on", "by", "until", "since"]);

/** Takes what may stand before a name: articles, `optional`, `unique`, `many`, a type as in `string title`. */
export function readBeforeName(cursor: Cursor, field: FieldDraft): void {
  for (let step = 0; step < 6; step += 1) {
    const many = manyWords(cursor);
    const word = wordAt(cursor);
    const next = peek(cursor, 1);
    if (many > 0 && peek(cursor, many)?.kind === "word") {
      cursor.index += many;
      field.many = true;
    } else if (next === undefined || (isSeparator(next) && !isMark(next, "&"))) {
      return;
    } else if (ARTICLES.has(word) && !isMark(next, ":=?")) {
      cursor.index += 1;
    } else if (["optional", "optionally", "nullable"].includes(word)) {
      cursor.index += 1;
      field.optional = true;
    } else if (["required", "mandatory"].includes(word)) {
      cursor.index += 1;
      field.optional = false;
    } else if (word === "unique") {
      cursor.index += 1;
      field.unique = true;
    } else if (
      leadsName(word) &&
      next.kind === "word" &&
      !beginsModifier(next.lower) &&
      kindOfTypeWord(next.lower) === undefined
    ) {
      cursor.index += 1;
      const kind = kindOfTypeWord(word);
      if (kind !== undefined) field.kind = kind;
    } else {
      return;
    }
  }
}

/** Takes the words of a field's name; none where something else stands. */
export function readName(cursor: Cursor, field: FieldDraft): void {
  while (field.words.length < MAX_NAME_WORDS) {
    const token = peek(cursor);
    if (token === undefined || isSeparator(token)) return;
    const first = field.words.length === 0;
    if (token.kind === "text" && first) {
      field.words.push(cleanValue(token.value));
      cursor.index += 1;
      return;
    }
    if (token.kind !== "word") return;
    const previous = field.words.at(-1)?.toLowerCase() ?? "";
    if (token.lower === "of" && field.words.length === 1 && OF_NAMES.has(previous)) {
      if (peek(cursor, 1)?.kind !== "word") return;
    } else if (field.words.length === 1 && NAME_ENDS.has(token.lower) && isNameEnd(cursor, 1)) {
      field.words.push(token.value);
      cursor.index += 1;
      return;
    } else if (first) {
      if (STRUCTURE.has(token.lower) && !isNameAnyway(cursor)) return;
      if (
        QUALIFIERS.has(token.lower) &&
        peek(cursor, 1)?.kind === "word" &&
        kindOfTypeWord(wordAt(cursor, 1)) === undefined
      ) {
        cursor.index += 1;
        continue;
      }
    } else if (endsName(cursor, previous)) {
      return;
    }
    field.words.push(token.value);
    cursor.index += 1;
  }
}

function isNameAnyway(cursor: Cursor): boolean {
  const second = wordAt(cursor, 1);
  if (NAME_ENDS.has(second)) return isNameEnd(cursor, 2);
  if (["is", "has"].includes(wordAt(cursor))) {
    return second !== "" && !beginsModifier(second) && !STRUCTURE.has(second) && isNameEnd(cursor, 2);
  }
  return NAME_ALTHOUGH_GLUE.has(wordAt(cursor)) && isNameEnd(cursor, 1);
}

/** Whether a name can end before the token `ahead`: a type, a separator or nothing follows. */
function isNameEnd(cursor: Cursor, ahead: number): boolean {
  const next = peek(cursor, ahead);
  return isSeparator(next) || isMark(next, ":?(.") || kindOfTypeWord(wordAt(cursor, ahead)) !== undefined;
}

function endsName(cursor: Cursor, previous: string): boolean {
  const word = wordAt(cursor);
  if (isCompoundName(previous, word)) return false;
  if (beginsModifier(word) || STRUCTURE.has(word) || manyWords(cursor) > 0) return true;
  if (kindOfPhrase([0, 1, 2].map((ahead) => wordAt(cursor, ahead))) !== undefined) return true;
  return kindOfTypeWord(word) !== undefined && !isCompoundName(word, wordAt(cursor, 1));
}
