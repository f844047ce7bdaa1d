import { bracketAt, isDone, isSeparator, peek, takeBracket, wordAt, type Cursor } from "./cursor";
import type { FieldDraft, RelationDraft } from "./drafts";
import { kindOfName } from "./field-types";
import { keyOf, takeNounPhrase, type NounPhrase } from "./noun-phrase";
import { readFields } from "./read-fields";
import { readModifier } from "./read-modifiers";
import { addFields, evidenceOf, resourceOf, type Reading } from "./reading-state";
import type { RelationVerb } from "./relation-verbs";
import { USUAL_RESOURCES } from "./usual-resources";
import { ARTICLES, USUAL_FIELDS } from "./vocabulary";
import { isPlural } from "./words";

/** Who the sentence speaks about and what it says they do. */
export interface RelationStart {
  readonly subject: string;
  readonly verb: RelationVerb;
}

/** The nouns behind a relation verb: `belongs to an author (name) and a publisher`. */
export function readTarget(reading: Reading, on: RelationStart, cursor: Cursor): string | undefined {
  const { draft } = reading;
  let optional = on.verb.optional === true;
  while (["optional", "optionally"].includes(wordAt(cursor, ARTICLES.has(wordAt(cursor)) ? 1 : 0))) {
    optional = true;
    cursor.index += ARTICLES.has(wordAt(cursor)) ? 2 : 1;
  }
  let noun = takeNounPhrase(cursor);
  if (noun === undefined) return undefined;
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
  return noun.key;
}

/** After the first target: further targets, or fields of the same subject. */
export function readMoreTargets(reading: Reading, on: RelationStart, cursor: Cursor): void {
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

function relation(
  on: RelationStart,
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
