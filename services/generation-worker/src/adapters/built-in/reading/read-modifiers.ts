import { isDone, isMark, peek, takeBracket, takeMark, takeWords, wordAt, type Cursor } from "./cursor";
import type { FieldDraft } from "./drafts";
import { isCompoundName, kindOfPhrase, kindOfTypeWord } from "./field-types";
import { cleanValue, readAll, readValues } from "./read-values";

const OPTIONAL = [
  "not required",
  "or null",
  "may be empty",
  "can be empty",
  "can be null",
  "can be blank",
  "if any",
];
const REQUIRED = ["not null", "non null", "not empty", "not nullable", "not optional"];
const VALUES = [
  "one of",
  "any of",
  "is either",
  "can be",
  "may be",
  "is one of",
  "must be one of",
  "either",
  "enum",
  "in",
];
const MOST = [
  "up to",
  "at most",
  "no more than",
  "maximum of",
  "max length",
  "maximum length",
  "maximum",
  "max",
  "maxlength",
];
const LEAST = [
  "at least",
  "no less than",
  "minimum of",
  "min length",
  "minimum length",
  "minimum",
  "min",
  "minlength",
];
const FILLERS = new Set([
  ...[
    "as",
    "of",
    "type",
    "is",
    "are",
    "a",
    "an",
    "which",
    "that",
    "must",
    "should",
    "be",
    "with",
    "field",
    "format",
  ],
  ...[
    "value",
    "values",
    "only",
    "indexed",
    "index",
    "primary",
    "key",
    "length",
    "characters",
    "chars",
    "letters",
    "long",
    "always",
    "the",
  ],
]);
/** Words a modifier can begin with, so that a name ends before them. */
const BEGINNINGS = new Set([
  ...[
    "optional",
    "nullable",
    "optionally",
    "required",
    "mandatory",
    "unique",
    "uniquely",
    "distinct",
    "default",
  ],
  ...[
    "defaults",
    "defaulting",
    "positive",
    "nonnegative",
    "non-negative",
    "notnull",
    "nonempty",
    "not",
    "one",
    "either",
  ],
  ...[
    "enum",
    "between",
    "up",
    "at",
    "max",
    "maximum",
    "min",
    "minimum",
    "maxlength",
    "minlength",
    "can",
    "may",
    "is",
  ],
  ...[
    "as",
    "of",
    "which",
    "that",
    "must",
    "should",
    "or",
    "with",
    "in",
    "from",
    "indexed",
    "non-null",
    "not-null",
  ],
]);

export function beginsModifier(word: string): boolean {
  return BEGINNINGS.has(word);
}

/** Reads one modifier or type at the cursor into `field`; false, and nothing taken, where there is none. */
export function readModifier(cursor: Cursor, field: FieldDraft): boolean {
  return (
    readPresence(cursor, field) ||
    readDefault(cursor, field) ||
    readBounds(cursor, field) ||
    readChoice(cursor, field) ||
    readKind(cursor, field) ||
    readFiller(cursor)
  );
}

function readPresence(cursor: Cursor, field: FieldDraft): boolean {
  if (OPTIONAL.some((phrase) => takeWords(cursor, phrase))) return set(field, { optional: true });
  if (REQUIRED.some((phrase) => takeWords(cursor, phrase))) return set(field, { optional: false });
  if (takeMark(cursor, "?")) return set(field, { optional: true });
  if (takeMark(cursor, "!*")) return set(field, { optional: false });
  switch (wordAt(cursor)) {
    case "optional":
    case "nullable":
    case "optionally":
    case "null":
      cursor.index += 1;
      return set(field, { optional: true });
    case "required":
    case "mandatory":
    case "notnull":
    case "nonempty":
    case "non-null":
    case "not-null":
      cursor.index += 1;
      return set(field, { optional: false });
    case "unique":
    case "uniquely":
    case "distinct":
      cursor.index += 1;
      return set(field, { unique: true });
    default:
      return false;
  }
}

function readDefault(cursor: Cursor, field: FieldDraft): boolean {
  const before = cursor.index;
  const named = ["default", "defaults", "defaulting"].includes(wordAt(cursor));
  if (!named && !isMark(peek(cursor), "=")) return false;
  cursor.index += 1;
  while (
    takeMark(cursor, ":=") ||
    takeWords(cursor, "to") ||
    takeWords(cursor, "is") ||
    takeWords(cursor, "value")
  );
  const token = peek(cursor);
  if (token === undefined || token.kind === "mark" || token.kind === "break") {
    cursor.index = named ? cursor.index : before + 1;
    return true;
  }
  cursor.index += 1;
  return set(field, { defaultText: token.kind === "text" ? token.value : cleanValue(token.value) });
}

function readBounds(cursor: Cursor, field: FieldDraft): boolean {
  const before = cursor.index;
  if (takeWords(cursor, "positive")) return set(field, { min: 1 });
  if (takeWords(cursor, "non-negative") || takeWords(cursor, "nonnegative")) return set(field, { min: 0 });
  if (takeWords(cursor, "between") || takeWords(cursor, "from") || peek(cursor)?.kind === "number") {
    const min = takeNumber(cursor);
    const joined =
      takeWords(cursor, "and") || takeWords(cursor, "to") || takeMark(cursor, "-–—") || takeDots(cursor);
    const max = joined ? takeNumber(cursor) : undefined;
    if (min !== undefined && max !== undefined && min < max) return set(field, { min, max });
    if (min !== undefined && max === undefined && ["char", "chars", "characters"].includes(wordAt(cursor))) {
      return set(field, { max: min });
    }
  }
  cursor.index = before;
  for (const [phrases, bound] of [
    [MOST, "max"],
    [LEAST, "min"],
  ] as const) {
    if (!phrases.some((phrase) => takeWords(cursor, phrase))) continue;
    while (takeMark(cursor, ":=") || takeWords(cursor, "of") || takeWords(cursor, "length"));
    const limit = takeNumber(cursor);
    if (limit !== undefined) return set(field, bound === "max" ? { max: limit } : { min: limit });
  }
  cursor.index = before;
  const mark = peek(cursor);
  if (isMark(mark, "<>≤≥")) {
    cursor.index += 1;
    takeMark(cursor, "=");
    const limit = takeNumber(cursor);
    if (limit !== undefined)
      return set(field, mark?.value === "<" || mark?.value === "≤" ? { max: limit } : { min: limit });
  }
  cursor.index = before;
  return false;
}

function readChoice(cursor: Cursor, field: FieldDraft): boolean {
  const before = cursor.index;
  const phrase = VALUES.find((candidate) => takeWords(cursor, candidate));
  if (phrase === undefined) return false;
  if (phrase === "in" && !isMark(peek(cursor), "([{")) {
    cursor.index = before;
    return false;
  }
  const values = readValues(cursor);
  if (values.length >= 2) return set(field, { kind: "enum", values });
  cursor.index = before;
  if (phrase !== "enum") return false;
  cursor.index += 1;
  return true;
}

/** A type: `int`, `long text`, `varchar(100)`, `string[]`, `list of strings`. */
function readKind(cursor: Cursor, field: FieldDraft): boolean {
  if (takeWords(cursor, "list of") || takeWords(cursor, "array of") || takeWords(cursor, "array")) {
    if (wordAt(cursor) !== "") cursor.index += 1;
    return set(field, { kind: "list" });
  }
  const phrase = kindOfPhrase([0, 1, 2].map((ahead) => wordAt(cursor, ahead)));
  if (phrase !== undefined) {
    cursor.index += phrase.length;
    return set(field, { kind: phrase.kind });
  }
  if (["true", "yes"].includes(wordAt(cursor)) && isMark(peek(cursor, 1), "/")) {
    cursor.index += 3;
    return set(field, { kind: "boolean" });
  }
  const kind = kindOfTypeWord(wordAt(cursor));
  if (kind === undefined || isCompoundName(wordAt(cursor), wordAt(cursor, 1))) return false;
  cursor.index += 1;
  if (isMark(peek(cursor), "[") && isMark(peek(cursor, 1), "]")) {
    cursor.index += 2;
    return set(field, { kind: "list" });
  }
  const arguments_ = takeBracket(cursor);
  if (arguments_ === undefined) return kind === "enum" ? true : set(field, { kind });
  field.kind = kind;
  return readArguments(arguments_, field);
}

function readArguments(inside: Cursor, field: FieldDraft): boolean {
  const size = peek(inside)?.kind === "number" ? takeNumber(inside) : undefined;
  if (size !== undefined) {
    const bounded = field.kind === "string" || field.kind === "text";
    return bounded && size >= 1 ? set(field, { max: Math.trunc(size) }) : true;
  }
  readGroup(inside, field);
  return true;
}

/** Reads a bracket behind a field: modifiers, or else values to choose from. */
export function readGroup(inside: Cursor, field: FieldDraft): void {
  const start = inside.index;
  let unknown = 0;
  let known = 0;
  const draft: FieldDraft = { ...field };
  while (!isDone(inside)) {
    if (takeMark(inside, ",;|/") || takeWords(inside, "and") || takeWords(inside, "or")) continue;
    if (readModifier(inside, draft)) known += 1;
    else {
      unknown += 1;
      inside.index += 1;
    }
  }
  if (unknown < 2) {
    Object.assign(field, draft);
    return;
  }
  const values = readAll({ ...inside, index: start });
  if (values.length >= 2 && known === 0) set(field, { kind: "enum", values });
  else Object.assign(field, draft);
}

function readFiller(cursor: Cursor): boolean {
  if (takeMark(cursor, "@")) return true;
  if (!FILLERS.has(wordAt(cursor))) return false;
  cursor.index += 1;
  return true;
}

function takeNumber(cursor: Cursor): number | undefined {
  const token = peek(cursor);
  if (token?.kind !== "number") return undefined;
  cursor.index += 1;
  return Number(token.value);
}

function takeDots(cursor: Cursor): boolean {
  let taken = false;
  while (takeMark(cursor, ".…")) taken = true;
  return taken;
}

function set(field: FieldDraft, values: Partial<FieldDraft>): true {
  Object.assign(field, values);
  return true;
}
