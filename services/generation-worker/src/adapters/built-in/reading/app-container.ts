import { wordAt, type Cursor } from "./cursor";
import { kindOfName } from "./field-types";
import type { NounPhrase } from "./noun-phrase";
import { readFields } from "./read-fields";
import type { Reading } from "./reading-state";
import { isPlural, wordsOf } from "./words";

/** Whether a colon behind an app's name opens the description rather than a list of fields. */
export function isContainerColon(cursor: Cursor): boolean {
  const { fields } = readFields({ ...cursor, index: cursor.index + 1 });
  return (
    !fields.some((field) => field.kind !== undefined) ||
    fields.every((field) => isPlural(field.words.at(-1) ?? ""))
  );
}

/** `a zoo with animals and keepers`: the first noun holds the things to keep, it is none itself. */
export function isContainer(reading: Reading, cursor: Cursor, noun: NounPhrase): boolean {
  if (
    !reading.first ||
    noun.plural ||
    noun.each ||
    !(["a", "an"].includes(noun.article) || (noun.article === "" && wordAt(cursor) === "with"))
  )
    return false;
  const { fields } = readFields({ ...cursor, index: cursor.index + 1 });
  return (
    fields.length > 0 &&
    fields.every((field) => {
      const last = field.words.at(-1) ?? "";
      return field.kind === undefined && isPlural(last) && kindOfName(wordsOf(last).join("_")) === "string";
    })
  );
}
