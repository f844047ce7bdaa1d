import {
  isDone,
  isMark,
  isSeparator,
  peek,
  takeBracket,
  takeSeparators,
  wordAt,
  type Cursor,
} from "./cursor";
import { takeNounPhrase, type NounPhrase } from "./noun-phrase";
import { readFields } from "./read-fields";
import { addFields, resourceOf, type Reading } from "./reading-state";
import { relationVerbAt } from "./relation-verbs";

/** `Students and courses are many to many` */
export function readPair(reading: Reading, cursor: Cursor, left: NounPhrase): boolean {
  if (wordAt(cursor) !== "and" && !isMark(peek(cursor), "&")) return false;
  const trial: Cursor = { ...cursor, index: cursor.index + 1 };
  const right = takeNounPhrase(trial);
  const verb = right === undefined ? undefined : relationVerbAt(trial);
  if (right === undefined || verb?.kind !== "manyToMany") return false;
  trial.index += verb.length;
  if (!isDone(trial) && !isSeparator(peek(trial)) && !isMark(peek(trial), ".")) return false;
  for (const noun of [left, right]) resourceOf(reading.draft, noun).evidence += 2;
  reading.draft.relations.push({ kind: "manyToMany", from: left.key, to: right.key });
  cursor.index = trial.index;
  return true;
}

/** `between A and B` */
export function readBetween(reading: Reading, cursor: Cursor): boolean {
  const left = takeNounPhrase(cursor);
  readOwnFields(reading, cursor, left);
  takeSeparators(cursor);
  const right = takeNounPhrase(cursor);
  readOwnFields(reading, cursor, right);
  if (left === undefined || right === undefined) return false;
  for (const noun of [left, right]) resourceOf(reading.draft, noun).evidence += 2;
  reading.draft.relations.push({ kind: "manyToMany", from: left.key, to: right.key });
  return true;
}

function readOwnFields({ draft }: Reading, cursor: Cursor, noun: NounPhrase | undefined): void {
  const inside = noun === undefined ? undefined : takeBracket(cursor);
  if (noun === undefined || inside === undefined) return;
  addFields(resourceOf(draft, noun), readFields(inside, 1).fields, 2);
}
