import {
  isDone,
  isMark,
  isSeparator,
  peek,
  takeBracket,
  takeMark,
  takeWords,
  wordAt,
  type Cursor,
} from "./cursor";
import { kindOfTypeWord } from "./field-types";
import { USUAL_FIELDS } from "./vocabulary";

const MAX_VALUES = 30;
const MAX_VALUE_LENGTH = 40;
const MODIFIERS = new Set([
  "default",
  "defaults",
  "optional",
  "required",
  "unique",
  "nullable",
  "mandatory",
  "defaulting",
]);

/** Keeps letters, digits, spaces and `_-.+/&` of a value; the rest has no business in code. */
export function cleanValue(text: string): string {
  return text
    .normalize("NFC")
    .replace(/[^\p{L}\p{M}\p{N} _.+/&-]/gu, "")
    .replace(/\s+/g, " ")
    .trim()
    .slice(0, MAX_VALUE_LENGTH)
    .trim();
}

/**
 * The values of a choice: `draft, published or archived`, `(low, high)`, `a | b | c`. Ends behind the value
 * that follows `or` or `and`, or before what reads like the next field.
 */
export function readValues(cursor: Cursor): string[] {
  takeMark(cursor, ":");
  const inside = takeBracket(cursor);
  if (inside !== undefined) return readAll(inside);
  const values: string[] = [];
  let last = false;
  while (!isDone(cursor) && values.length < MAX_VALUES) {
    const value = takeValue(cursor);
    if (value === "") break;
    values.push(value);
    if (last) break;
    const before = cursor.index;
    const step = takeValueSeparator(cursor);
    if (step === "none") break;
    if (step === "final") last = true;
    else if (step === "comma" && !continues(cursor)) {
      cursor.index = before;
      break;
    }
  }
  return values;
}

/** Every value up to the cursor's end. */
export function readAll(cursor: Cursor): string[] {
  const values: string[] = [];
  while (!isDone(cursor) && values.length < MAX_VALUES) {
    const value = takeValue(cursor);
    if (value !== "") values.push(value);
    else if (takeValueSeparator(cursor) === "none") cursor.index += 1;
  }
  return values;
}

function takeValue(cursor: Cursor): string {
  const parts: string[] = [];
  while (parts.length < 4) {
    const token = peek(cursor);
    if (token === undefined || isValueEnd(cursor)) break;
    if (parts.length > 0 && token.kind === "word" && MODIFIERS.has(token.lower)) break;
    if (isMark(token, "-") && parts.length === 0) {
      cursor.index += 1;
      continue;
    }
    if (token.kind === "mark") break;
    parts.push(token.value);
    cursor.index += 1;
  }
  return cleanValue(parts.join(" "));
}

function isValueEnd(cursor: Cursor): boolean {
  const token = peek(cursor);
  return isSeparator(token) || isMark(token, "|/()[]{}:?") || wordAt(cursor) === "or";
}

function takeValueSeparator(cursor: Cursor): "comma" | "bar" | "final" | "none" {
  const before = cursor.index;
  let comma = false;
  let bar = false;
  while (!isDone(cursor)) {
    if (takeMark(cursor, ",")) comma = true;
    else if (takeMark(cursor, "|/")) bar = true;
    else break;
  }
  if (takeWords(cursor, "or") || takeWords(cursor, "and") || takeMark(cursor, "&")) return "final";
  if (bar) return "bar";
  if (comma) return "comma";
  cursor.index = before;
  return "none";
}

/** Whether what follows a comma is one more value rather than the next field. */
function continues(cursor: Cursor): boolean {
  const token = peek(cursor);
  if (token?.kind === "text" || token?.kind === "number") return true;
  const word = wordAt(cursor);
  if (word === "" || USUAL_FIELDS.has(word) || kindOfTypeWord(word) !== undefined || MODIFIERS.has(word))
    return false;
  if (/[a-z][A-Z]/.test(token?.value ?? "") || word === "a" || word === "an" || word === "the") return false;
  const next = peek(cursor, 1);
  const second = wordAt(cursor, 1);
  return (
    next === undefined || isSeparator(next) || second === "or" || MODIFIERS.has(second) || isMark(next, "/|.")
  );
}
