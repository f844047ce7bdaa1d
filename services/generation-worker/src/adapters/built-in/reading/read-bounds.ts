import { isMark, peek, takeMark, takeWords, wordAt, type Cursor } from "./cursor";
import { setField, type FieldDraft } from "./drafts";

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

/** Reads `between 1 and 5`, `max 100`, `>= 0` and the like; false, and nothing taken, where there is none. */
export function readBounds(cursor: Cursor, field: FieldDraft): boolean {
  const before = cursor.index;
  if (takeWords(cursor, "positive")) return setField(field, { min: 1 });
  if (takeWords(cursor, "non-negative") || takeWords(cursor, "nonnegative"))
    return setField(field, { min: 0 });
  if (takeWords(cursor, "between") || takeWords(cursor, "from") || peek(cursor)?.kind === "number") {
    const min = takeNumber(cursor);
    const joined =
      takeWords(cursor, "and") || takeWords(cursor, "to") || takeMark(cursor, "-–—") || takeDots(cursor);
    const max = joined ? takeNumber(cursor) : undefined;
    if (min !== undefined && max !== undefined && min < max) return setField(field, { min, max });
    if (min !== undefined && max === undefined && ["char", "chars", "characters"].includes(wordAt(cursor))) {
      return setField(field, { max: min });
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
    if (limit !== undefined) return setField(field, bound === "max" ? { max: limit } : { min: limit });
  }
  cursor.index = before;
  const mark = peek(cursor);
  if (isMark(mark, "<>≤≥")) {
    cursor.index += 1;
    takeMark(cursor, "=");
    const limit = takeNumber(cursor);
    if (limit !== undefined)
      return setField(field, mark?.value === "<" || mark?.value === "≤" ? { max: limit } : { min: limit });
  }
  cursor.index = before;
  return false;
}

/** Takes the number at the cursor, if there is one. */
export function takeNumber(cursor: Cursor): number | undefined {
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
