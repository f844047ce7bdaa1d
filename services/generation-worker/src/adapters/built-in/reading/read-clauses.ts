import { isContainer, isContainerColon } from "./app-container";
import {
  bracketAt,
  isDone,
  isMark,
  isSeparator,
  peek,
  takeBracket,
  takeMark,
  wordAt,
  type Cursor,
} from "./cursor";
import { takeNounPhrase, type NounPhrase } from "./noun-phrase";
import { readFields } from "./read-fields";
import { readBetween, readPair } from "./read-pair";
import { readMoreTargets, readTarget } from "./read-targets";
import { addFields, evidenceOf, resourceOf, type Reading } from "./reading-state";
import { relationVerbAt } from "./relation-verbs";
import { ARTICLES, HAS_VERBS, KEEP_VERBS, PRONOUNS, QUALIFIERS, STRUCTURE } from "./vocabulary";
import { wordsOf } from "./words";

const REFERRING = new Set(["that", "which", "who", "they", "it", "these", "those", "each", "every"]);
const RELATIVE = new Set(["that", "which", "who"]);
const INSIDE_VERBS = new Set([
  "with",
  "has",
  "have",
  "contains",
  "contain",
  "including",
  "includes",
  "include",
  "having",
]);

interface Clause {
  /** Key of the noun the next verb speaks about. */
  subject: string | undefined;
  /** Nouns now are things to keep: after `manage`, `with`, `for`; holds how sure that is, 0 for not. */
  listing: number;
  /** First token of a piece that meant nothing so far. */
  skippedFrom: number | undefined;
}

/** Reads one sentence into the draft. */
export function readClauses(reading: Reading, cursor: Cursor): void {
  const begins = relationVerbAt(cursor);
  const goesOn = HAS_VERBS.has(wordAt(cursor)) || (begins !== undefined && begins.soft !== true);
  const clause: Clause = {
    subject: goesOn ? reading.subject : undefined,
    listing: 0,
    skippedFrom: undefined,
  };
  while (!isDone(cursor)) {
    const before = cursor.index;
    if (readVerb(reading, clause, cursor) || readNoun(reading, clause, cursor))
      noteSkipped(reading, clause, before);
    else skipWord(reading, clause, cursor);
    if (cursor.index <= before) cursor.index = before + 1;
  }
  noteSkipped(reading, clause, cursor.end);
}

function noteSkipped(reading: Reading, clause: Clause, end: number): void {
  const from = clause.skippedFrom;
  clause.skippedFrom = undefined;
  if (from === undefined || end <= from) return;
  const tokens = reading.tokens.slice(from, end);
  const meaningful = tokens.some(
    ({ kind, lower }) => kind === "word" && !STRUCTURE.has(lower) && !QUALIFIERS.has(lower),
  );
  if (meaningful) reading.draft.ignored.push(reading.text.slice(tokens[0]?.start, tokens.at(-1)?.end));
}

function skipWord(reading: Reading, clause: Clause, cursor: Cursor): void {
  const word = wordAt(cursor);
  const token = peek(cursor);
  if (KEEP_VERBS.has(word)) {
    clause.listing = word === "for" || word === "of" || word === "about" ? Math.max(clause.listing, 1.5) : 2;
  } else if (word === "called" || word === "named") {
    readTitle(reading, cursor);
    return;
  } else if (!isSeparator(token) && !ARTICLES.has(word) && !QUALIFIERS.has(word)) {
    if (PRONOUNS.has(word) || !STRUCTURE.has(word)) clause.listing = 0;
    clause.skippedFrom ??= cursor.index;
  }
  if (REFERRING.has(word)) clause.subject ??= reading.subject;
  cursor.index += 1;
}

function readTitle(reading: Reading, cursor: Cursor): void {
  cursor.index += 1;
  const words: string[] = [];
  while (
    words.length < 4 &&
    (peek(cursor)?.kind === "word" || (words.length === 0 && peek(cursor)?.kind === "text"))
  ) {
    if (words.length > 0 && STRUCTURE.has(wordAt(cursor))) break;
    words.push(peek(cursor)?.value ?? "");
    cursor.index += 1;
  }
  const title = wordsOf(words.join(" ")).join(" ");
  if (title !== "") reading.draft.title ??= title;
}

/** Takes a verb that speaks about the clause's subject, with everything it governs. */
function readVerb(reading: Reading, clause: Clause, cursor: Cursor): boolean {
  const verb = relationVerbAt(cursor);
  if (verb !== undefined) {
    if (verb.kind === "manyToMany" && wordAt(cursor, verb.length) === "between") {
      cursor.index += verb.length + 1;
      return readBetween(reading, cursor);
    }
    if (clause.subject === undefined) return false;
    cursor.index += verb.length;
    const on = { subject: clause.subject, verb };
    const target = readTarget(reading, on, cursor);
    // `belongs to a project with a name`: the fields are the project's.
    const ofTarget = { subject: target, listing: 0, skippedFrom: undefined };
    if (target !== undefined && wordAt(cursor) === "with" && readVerb(reading, ofTarget, cursor)) return true;
    if (target !== undefined) readMoreTargets(reading, on, cursor);
    return true;
  }
  const skip = ["optionally", "may", "can", "must", "should", "also", "could", "will"].includes(
    wordAt(cursor),
  )
    ? 1
    : 0;
  if (clause.subject === undefined || !HAS_VERBS.has(wordAt(cursor, skip))) return false;
  const optional = ["optionally", "may"].includes(wordAt(cursor));
  cursor.index += skip + 1;
  takeMark(cursor, ":");
  const { fields, ignored } = readFields(cursor);
  if (optional) for (const field of fields) field.optional ??= true;
  const subject = reading.draft.resources.get(clause.subject);
  if (subject !== undefined) addFields(subject, fields, evidenceOf(fields));
  reading.draft.ignored.push(...ignored);
  reading.subject = clause.subject;
  return true;
}

/** Takes a noun and decides what it is: the app, a thing to keep, or the subject of what follows. */
function readNoun(reading: Reading, clause: Clause, cursor: Cursor): boolean {
  const noun = takeNounPhrase(cursor);
  if (noun === undefined) return false;
  const { draft } = reading;
  if (readPair(reading, cursor, noun)) return true;
  const inside = bracketAt(cursor);
  if (inside !== undefined) return readDefinition(reading, clause, { cursor, noun });
  const next = peek(cursor);
  const word = wordAt(cursor);
  if (noun.app && !(isMark(next, ":") && !isContainerColon(cursor))) {
    noun.words.forEach((part) => draft.appWords.add(part.toLowerCase()));
    if (isMark(next, ":") || INSIDE_VERBS.has(word)) {
      cursor.index += 1;
      takeMark(cursor, ":");
      clause.listing = 2;
    }
    return true;
  }
  if (isMark(next, ":")) return readColonList(reading, clause, { cursor, noun });
  if (INSIDE_VERBS.has(word) && isContainer(reading, cursor, noun)) {
    noun.words.forEach((part) => draft.appWords.add(part.toLowerCase()));
    cursor.index += 1;
    clause.listing = 2;
    return true;
  }
  const governs = HAS_VERBS.has(word) || relationVerbAt(cursor) !== undefined || RELATIVE.has(word);
  if (governs || clause.listing > 0) {
    const resource = resourceOf(draft, noun);
    if (clause.listing > 0)
      resource.evidence += noun.plural ? clause.listing : Math.min(clause.listing / 2, 1);
    clause.subject = noun.key;
    reading.subject = noun.key;
    return true;
  }
  if (!["can", "may", "could", "must", "should", "will", "also"].includes(word)) {
    clause.skippedFrom ??= noun.start;
    cursor.index = noun.start + noun.words.length;
    return false;
  }
  resourceOf(draft, noun);
  clause.subject = noun.key;
  cursor.index += 1;
  return true;
}

interface NounAt {
  readonly cursor: Cursor;
  readonly noun: NounPhrase;
}

function readDefinition(reading: Reading, clause: Clause, { cursor, noun }: NounAt): boolean {
  const inside = takeBracket(cursor);
  if (inside === undefined) return false;
  const { fields, ignored } = readFields(inside, 1);
  reading.draft.ignored.push(...ignored);
  const resource = resourceOf(reading.draft, noun);
  addFields(resource, fields, Math.max(evidenceOf(fields), clause.listing, fields.length >= 2 ? 2 : 1));
  clause.subject = noun.key;
  reading.subject = noun.key;
  return true;
}

function readColonList(reading: Reading, clause: Clause, { cursor, noun }: NounAt): boolean {
  cursor.index += 1;
  const { fields, ignored } = readFields(cursor);
  reading.draft.ignored.push(...ignored);
  const resource = resourceOf(reading.draft, noun);
  addFields(resource, fields, Math.max(evidenceOf(fields), clause.listing));
  clause.subject = noun.key;
  reading.subject = noun.key;
  return true;
}
