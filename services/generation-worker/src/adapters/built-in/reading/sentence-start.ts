import { isMark, peek, wordAt, type Cursor } from "./cursor";
import { manyWords, relationVerbAt } from "./relation-verbs";
import { ARTICLES, HAS_VERBS, STRUCTURE } from "./vocabulary";
import { isPlural } from "./words";

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

/** `… and optionally has a manager`: the same subject with a second verb. */
export function goesOnWithHas(cursor: Cursor): boolean {
  const skip = ["optionally", "may", "can", "must", "should", "also"].includes(wordAt(cursor)) ? 1 : 0;
  return (
    ["has", "have"].includes(wordAt(cursor, skip)) &&
    (ARTICLES.has(wordAt(cursor, skip + 1)) || manyWords({ ...cursor, index: cursor.index + skip + 1 }) > 0)
  );
}

/** Verbs such as `place` are nouns as well, so they don't end a list. */
export function isRelation(cursor: Cursor): boolean {
  const verb = relationVerbAt(cursor);
  return verb !== undefined && verb.soft !== true;
}
