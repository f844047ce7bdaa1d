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
import { kindOfPhrase, kindOfTypeWord } from "./field-types";
import { beginsModifier, readGroup, readModifier } from "./read-modifiers";
import { readBeforeName, readName } from "./read-name";
import { readAll } from "./read-values";
import { beginsSentence, goesOnWithHas, isRelation } from "./sentence-start";
import { ARTICLES, QUALIFIERS, STRUCTURE, USUAL_FIELDS } from "./vocabulary";
import { isPlural } from "./words";

const MAX_FIELDS = 200;
const MAX_NESTING = 3;

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

function textOf(cursor: Cursor, from: number): string {
  return cursor.tokens
    .slice(from, Math.min(cursor.index, from + 12))
    .map((token) => token.value)
    .join(" ");
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
