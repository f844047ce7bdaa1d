import { isDone, isMark, peek, takeBracket, takeMark, takeWords, wordAt, type Cursor } from "./cursor";
import { setField, type FieldDraft } from "./drafts";
import { isCompoundName, kindOfPhrase, kindOfTypeWord } from "./field-types";
import { readBounds, takeNumber } from "./read-bounds";
import { readDefault, readPresence } from "./read-presence";
import { readAll, readValues } from "./read-values";

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

function readChoice(cursor: Cursor, field: FieldDraft): boolean {
  const before = cursor.index;
  const phrase = VALUES.find((candidate) => takeWords(cursor, candidate));
  if (phrase === undefined) return false;
  if (phrase === "in" && !isMark(peek(cursor), "([{")) {
    cursor.index = before;
    return false;
  }
  const values = readValues(cursor);
  if (values.length >= 2) return setField(field, { kind: "enum", values });
  cursor.index = before;
  if (phrase !== "enum") return false;
  cursor.index += 1;
  return true;
}

/** A type: `int`, `long text`, `varchar(100)`, `string[]`, `list of strings`. */
function readKind(cursor: Cursor, field: FieldDraft): boolean {
  if (takeWords(cursor, "list of") || takeWords(cursor, "array of") || takeWords(cursor, "array")) {
    if (wordAt(cursor) !== "") cursor.index += 1;
    return setField(field, { kind: "list" });
  }
  const phrase = kindOfPhrase([0, 1, 2].map((ahead) => wordAt(cursor, ahead)));
  if (phrase !== undefined) {
    cursor.index += phrase.length;
    return setField(field, { kind: phrase.kind });
  }
  if (["true", "yes"].includes(wordAt(cursor)) && isMark(peek(cursor, 1), "/")) {
    cursor.index += 3;
    return setField(field, { kind: "boolean" });
  }
  const kind = kindOfTypeWord(wordAt(cursor));
  if (kind === undefined || isCompoundName(wordAt(cursor), wordAt(cursor, 1))) return false;
  cursor.index += 1;
  if (isMark(peek(cursor), "[") && isMark(peek(cursor, 1), "]")) {
    cursor.index += 2;
    return setField(field, { kind: "list" });
  }
  const arguments_ = takeBracket(cursor);
  if (arguments_ === undefined) return kind === "enum" ? true : setField(field, { kind });
  field.kind = kind;
  return readArguments(arguments_, field);
}

function readArguments(inside: Cursor, field: FieldDraft): boolean {
  const size = peek(inside)?.kind === "number" ? takeNumber(inside) : undefined;
  if (size !== undefined) {
    const bounded = field.kind === "string" || field.kind === "text";
    return bounded && size >= 1 ? setField(field, { max: Math.trunc(size) }) : true;
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
  if (values.length >= 2 && known === 0) setField(field, { kind: "enum", values });
  else Object.assign(field, draft);
}

function readFiller(cursor: Cursor): boolean {
  if (takeMark(cursor, "@")) return true;
  if (!FILLERS.has(wordAt(cursor))) return false;
  cursor.index += 1;
  return true;
}
