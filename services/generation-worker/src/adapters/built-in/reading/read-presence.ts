import { isMark, peek, takeMark, takeWords, wordAt, type Cursor } from "./cursor";
import { setField, type FieldDraft } from "./drafts";
import { cleanValue } from "./read-values";

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

/** Reads `optional`, `not null`, `unique` and the like. */
export function readPresence(cursor: Cursor, field: FieldDraft): boolean {
  if (OPTIONAL.some((phrase) => takeWords(cursor, phrase))) return setField(field, { optional: true });
  if (REQUIRED.some((phrase) => takeWords(cursor, phrase))) return setField(field, { optional: false });
  if (takeMark(cursor, "?")) return setField(field, { optional: true });
  if (takeMark(cursor, "!*")) return setField(field, { optional: false });
  switch (wordAt(cursor)) {
    case "optional":
    case "nullable":
    case "optionally":
    case "null":
      cursor.index += 1;
      return setField(field, { optional: true });
    case "required":
    case "mandatory":
    case "notnull":
    case "nonempty":
    case "non-null":
    case "not-null":
      cursor.index += 1;
      return setField(field, { optional: false });
    case "unique":
    case "uniquely":
    case "distinct":
      cursor.index += 1;
      return setField(field, { unique: true });
    default:
      return false;
  }
}

/** Reads `default draft`, `= 0`, `defaults to yes`. */
export function readDefault(cursor: Cursor, field: FieldDraft): boolean {
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
  return setField(field, { defaultText: token.kind === "text" ? token.value : cleanValue(token.value) });
}
