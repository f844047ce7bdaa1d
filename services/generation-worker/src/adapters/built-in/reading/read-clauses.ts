import {
  bracketAt,
  isDone,
  isMark,
  isSeparator,
  peek,
  takeBracket,
  takeMark,
  takeSeparators,
  wordAt,
  type Cursor,
} from "./cursor";
import type { FieldDraft, RelationDraft } from "./drafts";
import { kindOfName } from "./field-types";
import { keyOf, takeNounPhrase, type NounPhrase } from "./noun-phrase";
import { readFields } from "./read-fields";
import { readModifier } from "./read-modifiers";
import { addFields, evidenceOf, resourceOf, type Reading } from "./reading-state";
import { relationVerbAt, type RelationVerb } from "./relation-verbs";
import { ARTICLES, HAS_VERBS, KEEP_VERBS, PRONOUNS, QUALIFIERS, STRUCTURE, USUAL_FIELDS } from "./vocabulary";
import { USUAL_RESOURCES } from "./usual-resources";
import { isPlural, wordsOf } from "./words";

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
    readTargets(reading, { subject: clause.subject, verb }, cursor);
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

/** `between A and B` */
function readBetween(reading: Reading, cursor: Cursor): boolean {
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

/** The nouns behind a relation verb: `belongs to an author (name) and a publisher`. */
function readTargets(reading: Reading, on: { subject: string; verb: RelationVerb }, cursor: Cursor): void {
  const { draft } = reading;
  let optional = on.verb.optional === true;
  while (["optional", "optionally"].includes(wordAt(cursor, ARTICLES.has(wordAt(cursor)) ? 1 : 0))) {
    optional = true;
    cursor.index += ARTICLES.has(wordAt(cursor)) ? 2 : 1;
  }
  let noun = takeNounPhrase(cursor);
  if (noun === undefined) return;
  const modifiers: FieldDraft = { words: [], values: [] };
  let role = takeRole(cursor);
  const inside = bracketAt(cursor);
  const meant = inside === undefined ? undefined : nounWithin(inside);
  if (meant !== undefined) {
    role ??= noun.words;
    noun = meant;
  }
  const nested =
    inside === undefined
      ? []
      : meant !== undefined
        ? takeNothing(cursor)
        : readBehindTarget(takeBracket(cursor) ?? inside, modifiers);
  const evidence = on.verb.kind === "hasOne" ? 0.5 : 2;
  if (on.verb.soft !== true) resourceOf(draft, noun).evidence += evidence;
  if (nested.length > 0) addFields(resourceOf(draft, noun), nested, 2);
  const subject = draft.resources.get(on.subject);
  if (subject !== undefined && on.verb.soft !== true) subject.evidence += evidence;
  draft.relations.push(relation(on, noun.key, { role, optional: optional || modifiers.optional === true }));
  reading.subject = on.subject;
  if (inside === undefined && ["with", "which", "that"].includes(wordAt(cursor))) {
    // `belongs to a project with a name`: the fields are the project's.
    if (readVerb(reading, { subject: noun.key, listing: 0, skippedFrom: undefined }, cursor)) return;
  }
  readMoreTargets(reading, on, cursor);
}

function relation(
  on: { subject: string; verb: RelationVerb },
  to: string,
  more: { role?: readonly string[] | undefined; optional?: boolean },
): RelationDraft {
  return {
    kind: on.verb.kind,
    from: on.subject,
    to,
    ...(more.role === undefined ? {} : { role: more.role }),
    ...(more.optional === true ? { optional: true } : {}),
    ...(on.verb.soft === true ? { soft: true } : {}),
  };
}

function takeRole(cursor: Cursor): readonly string[] | undefined {
  if (!["as", "called", "named"].includes(wordAt(cursor))) return undefined;
  cursor.index += 1;
  return takeNounPhrase(cursor)?.words;
}

/** `members (users)`: the bracket says which resource is meant. */
function nounWithin(inside: Cursor): NounPhrase | undefined {
  const trial: Cursor = { ...inside };
  const noun = inside.end === inside.index + 1 ? takeNounPhrase(trial) : undefined;
  if (noun === undefined || USUAL_FIELDS.has(noun.key)) return undefined;
  if (!noun.plural && !Object.hasOwn(USUAL_RESOURCES, noun.key)) return undefined;
  return readModifier({ ...inside }, { words: [], values: [] }) ? undefined : noun;
}

function takeNothing(cursor: Cursor): FieldDraft[] {
  takeBracket(cursor);
  return [];
}

function readBehindTarget(inside: Cursor, modifiers: FieldDraft): FieldDraft[] {
  const trial: Cursor = { ...inside };
  if (readModifier(trial, modifiers) && isDone(trial)) return [];
  return readFields(inside, 1).fields;
}

/** After the first target: further targets, or fields of the same subject. */
function readMoreTargets(
  reading: Reading,
  on: { subject: string; verb: RelationVerb },
  cursor: Cursor,
): void {
  const { draft } = reading;
  if (!isSeparator(peek(cursor)) || on.verb.soft === true) return;
  const { fields, ignored } = readFields(cursor);
  draft.ignored.push(...ignored);
  const own: FieldDraft[] = [];
  for (const field of fields) {
    const many = isPlural(field.words.at(-1) ?? "");
    const wanted = on.verb.kind === "hasMany" || on.verb.kind === "manyToMany" ? many : !many;
    const key = keyOf(field.words);
    const plain = field.kind === undefined && field.typeWords === undefined && field.many !== true;
    if (many && field.nested !== undefined && on.verb.kind === "belongsTo" && key !== "") {
      addFields(resourceOf(draft, { key, words: [] }), field.nested, 2);
      continue;
    }
    const usual = USUAL_FIELDS.has(key) || kindOfName(key.replaceAll(" ", "_")) !== "string";
    if (!wanted || !plain || key === "" || (usual && field.nested === undefined)) {
      own.push(field);
      continue;
    }
    const target = resourceOf(draft, { key, words: [] });
    addFields(target, field.nested ?? [], field.nested === undefined ? 1 : 2);
    draft.relations.push(relation(on, key, { optional: field.optional === true }));
  }
  const subject = draft.resources.get(on.subject);
  if (subject !== undefined) addFields(subject, own, evidenceOf(own));
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

/** `Students and courses are many to many` */
function readPair(reading: Reading, cursor: Cursor, left: NounPhrase): boolean {
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

/** Whether a colon behind an app's name opens the description rather than a list of fields. */
function isContainerColon(cursor: Cursor): boolean {
  const { fields } = readFields({ ...cursor, index: cursor.index + 1 });
  return (
    !fields.some((field) => field.kind !== undefined) ||
    fields.every((field) => isPlural(field.words.at(-1) ?? ""))
  );
}

/** `a zoo with animals and keepers`: the first noun holds the things to keep, it is none itself. */
function isContainer(reading: Reading, cursor: Cursor, noun: NounPhrase): boolean {
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
