import {
  bracketAt,
  isDone,
  isMark,
  isSeparator,
  peek,
  takeBracket,
  takeMark,
  takeSeparators,
  takeWords,
  wordAt,
  type Cursor,
} from "./cursor";
import type { FieldDraft } from "./drafts";
import { isCompoundName, kindOfPhrase, kindOfTypeWord, leadsName } from "./field-types";
import { beginsModifier, readGroup, readModifier } from "./read-modifiers";
import { cleanValue, readAll } from "./read-values";
import { manyWords, relationVerbAt } from "./relation-verbs";
import { ARTICLES, HAS_VERBS, QUALIFIERS, STRUCTURE, USUAL_FIELDS } from "./vocabulary";
import { isPlural } from "./words";

const MAX_NAME_WORDS = 4;
const MAX_FIELDS = 200;
const MAX_NESTING = 3;
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

export interface FieldsRead {
  readonly fields: FieldDraft[];
  /** Pieces that were no field. */
  readonly ignored: string[];
}

/**
 * Reads fields up to the end, or up to a relation verb or a new subject (`… and authors have a name`), where
 * the cursor then stands.
 */
export function readFields(cursor: Cursor, depth = 0): FieldsRead {
  const fields: FieldDraft[] = [];
  const ignored: string[] = [];
  takeSeparators(cursor);
  while (!isDone(cursor) && fields.length < MAX_FIELDS) {
    if (isRelation(cursor) || beginsSentence(cursor) || goesOnWithHas(cursor)) break;
    const start = cursor.index;
    const field = readField(cursor, fields.at(-1), depth);
    if (field !== undefined) fields.push(field);
    if (isRelation(cursor)) break;
    const skippedFrom = cursor.index;
    while (!isDone(cursor) && !isSeparator(peek(cursor)) && !isRelation(cursor)) {
      cursor.index = bracketAt(cursor)?.end ?? cursor.index;
      cursor.index += 1;
    }
    if (cursor.index > skippedFrom) ignored.push(textOf(cursor, skippedFrom));
    takeSeparators(cursor);
    if (cursor.index === start) cursor.index += 1;
  }
  return { fields, ignored };
}

/** Verbs such as `place` are nouns as well, so they don't end a list. */
function isRelation(cursor: Cursor): boolean {
  const verb = relationVerbAt(cursor);
  return verb !== undefined && verb.soft !== true;
}

/** `… and optionally has a manager`: the same subject with a second verb. */
function goesOnWithHas(cursor: Cursor): boolean {
  const skip = ["optionally", "may", "can", "must", "should", "also"].includes(wordAt(cursor)) ? 1 : 0;
  return (
    ["has", "have"].includes(wordAt(cursor, skip)) &&
    (ARTICLES.has(wordAt(cursor, skip + 1)) || manyWords({ ...cursor, index: cursor.index + skip + 1 }) > 0)
  );
}

function textOf(cursor: Cursor, from: number): string {
  return cursor.tokens
    .slice(from, Math.min(cursor.index, from + 12))
    .map((token) => token.value)
    .join(" ");
}

/** `authors have …`, `each task belongs …`: a noun and a verb instead of a field. */
export function beginsSentence(cursor: Cursor): boolean {
  let ahead = 0;
  while (ARTICLES.has(wordAt(cursor, ahead)) && ahead < 2) ahead += 1;
  for (let words = 0; words < 3; words += 1) {
    const word = wordAt(cursor, ahead);
    if (word === "" || STRUCTURE.has(word)) return false;
    ahead += 1;
    const partner = peek(cursor, ahead)?.partner;
    if (partner !== undefined && isMark(peek(cursor, ahead), "(")) ahead = partner + 1 - cursor.index;
    const next = wordAt(cursor, ahead);
    if (next === "with" && isPlural(word)) return true;
    if (HAS_VERBS.has(next) && next !== "records" && next !== "stores" && next !== "with") return true;
    if (isRelation({ ...cursor, index: cursor.index + ahead })) return true;
    if (partner !== undefined) return false;
  }
  return false;
}

function readField(cursor: Cursor, previous: FieldDraft | undefined, depth: number): FieldDraft | undefined {
  const field: FieldDraft = { words: [], values: [] };
  takeMark(cursor, "-*•");
  readBeforeName(cursor, field);
  readName(cursor, field);
  if (field.words.length === 0) {
    // `title, required`: what stands alone belongs to the field before it.
    const target = previous ?? field;
    Object.assign(target, definedOf(field));
    while (!isDone(cursor) && !isSeparator(peek(cursor)) && readModifier(cursor, target));
    return undefined;
  }
  readAfterName(cursor, field, depth);
  return field;
}

function definedOf(field: FieldDraft): Partial<FieldDraft> {
  const defined: Partial<FieldDraft> = { ...field };
  delete defined.words;
  delete defined.values;
  return defined;
}

function readBeforeName(cursor: Cursor, field: FieldDraft): void {
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

function readName(cursor: Cursor, field: FieldDraft): void {
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

function readAfterName(cursor: Cursor, field: FieldDraft, depth: number): void {
  if (takeMark(cursor, "?")) field.optional = true;
  if (takeMark(cursor, ":") || takeArrow(cursor)) readAfterColon(cursor, field);
  for (let step = 0; step < 40 && !isDone(cursor) && !isSeparator(peek(cursor)); step += 1) {
    if (isRelation(cursor)) return;
    const inside = bracketAt(cursor);
    if (inside !== undefined) {
      takeBracket(cursor);
      if (depth < MAX_NESTING && field.kind === undefined && holdsFields(inside, field)) {
        field.nested = readFields(inside, depth + 1).fields;
      } else if (namesResource(inside)) {
        field.typeWords = [peek(inside)?.value ?? ""];
      } else {
        readGroup(inside, field);
      }
    } else if (!readModifier(cursor, field)) {
      return;
    }
  }
}

/** `an assignee (user)`: one word that is neither a type nor a modifier. */
function namesResource(inside: Cursor): boolean {
  if (inside.end !== inside.index + 1 || peek(inside)?.kind !== "word") return false;
  return !readModifier({ ...inside }, { words: [], values: [] });
}

function takeArrow(cursor: Cursor): boolean {
  if (!isMark(peek(cursor), "-=") || !isMark(peek(cursor, 1), ">")) return takeMark(cursor, "→");
  cursor.index += 2;
  return true;
}

/** What follows a colon: a type, a choice such as `draft | published`, or the name of a resource. */
function readAfterColon(cursor: Cursor, field: FieldDraft): void {
  const next = peek(cursor, 1);
  const first = peek(cursor);
  const isChoice = first?.kind === "text" || (first?.kind === "word" && isMark(next, "|/"));
  if (isChoice && !["true", "yes"].includes(wordAt(cursor))) {
    const values = readAll({ ...cursor, end: endOfItem(cursor) });
    cursor.index = endOfItem(cursor);
    if (values.length >= 2) Object.assign(field, { kind: "enum", values });
    return;
  }
  if (
    takeWords(cursor, "reference to") ||
    takeWords(cursor, "references") ||
    takeWords(cursor, "fk to") ||
    takeWords(cursor, "ref")
  ) {
    while (ARTICLES.has(wordAt(cursor))) cursor.index += 1;
  }
  const words: string[] = [];
  while (words.length < 3) {
    const word = wordAt(cursor);
    if (
      word === "" ||
      kindOfTypeWord(word) !== undefined ||
      beginsModifier(word) ||
      isSeparator(peek(cursor))
    )
      break;
    if (STRUCTURE.has(word) || ARTICLES.has(word) || QUALIFIERS.has(word)) break;
    if (kindOfPhrase([0, 1].map((ahead) => wordAt(cursor, ahead))) !== undefined) break;
    words.push(peek(cursor)?.value ?? "");
    cursor.index += 1;
  }
  if (words.length === 0) return;
  field.typeWords = words;
  if (isMark(peek(cursor), "[") && isMark(peek(cursor, 1), "]")) {
    cursor.index += 2;
    field.many = true;
  }
}

function endOfItem(cursor: Cursor): number {
  let index = cursor.index;
  while (
    index < cursor.end &&
    !isMark(cursor.tokens[index], ",;()[]=") &&
    cursor.tokens[index]?.kind !== "break"
  )
    index += 1;
  return index;
}

/** Whether a bracket behind a noun lists the fields of a resource rather than modifiers or values. */
function holdsFields(inside: Cursor, field: FieldDraft): boolean {
  const probe: FieldDraft = { words: [], values: [] };
  const trial: Cursor = { ...inside };
  if (readModifier(trial, probe) && (isDone(trial) || isSeparator(peek(trial)))) return false;
  const { fields } = readFields({ ...inside }, MAX_NESTING);
  if (
    fields.some(
      (nested) => nested.words.length === 1 && USUAL_FIELDS.has(nested.words[0]?.toLowerCase() ?? ""),
    )
  )
    return true;
  if (fields.length >= 2 && fields.some((nested) => nested.kind !== undefined)) return true;
  return field.many === true || (fields.length > 0 && isPlural(field.words.at(-1) ?? ""));
}
