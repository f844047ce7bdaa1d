import { isMark, peek, wordAt, type Cursor } from "./cursor";
import type { RelationDraft } from "./drafts";
import { HAS_VERBS, MANY_WORDS, OWNED_PARTICIPLES, OWNING_VERBS } from "./vocabulary";

export interface RelationVerb {
  readonly kind: RelationDraft["kind"];
  /** Tokens the verb takes. */
  readonly length: number;
  readonly optional?: boolean;
  readonly soft?: boolean;
}

const ADVERBS = new Set(["always", "also", "then", "must", "should", "will", "shall", "only", "usually"]);
const MAYBE = new Set(["optionally", "may", "can", "could", "might", "optional"]);
const PREPOSITIONS = new Set(["by", "to", "with", "in", "at", "for", "under"]);
const POINTING = new Set(["refers", "refer", "links", "link", "relates", "relate", "points", "point"]);

/** The relation verb at the cursor, with the adverbs before it. The cursor doesn't move. */
export function relationVerbAt(cursor: Cursor): RelationVerb | undefined {
  let skipped = 0;
  let optional = false;
  for (; skipped < 3; skipped += 1) {
    const word = wordAt(cursor, skipped);
    if (MAYBE.has(word)) optional = true;
    else if (!ADVERBS.has(word)) break;
  }
  const at: Cursor = { ...cursor, index: cursor.index + skipped };
  const belongs = belongsVerb(at);
  if (belongs !== undefined) return { ...belongs, length: belongs.length + skipped, optional };
  const has = namedRelation(at) ?? hasVerb(at) ?? owningVerb(at);
  return has === undefined ? undefined : { ...has, length: has.length + skipped };
}

function belongsVerb(at: Cursor): RelationVerb | undefined {
  const [first, second, third] = [wordAt(at), wordAt(at, 1), wordAt(at, 2)];
  if (first === "belongs" || first === "belong" || first === "belonging") {
    if (second !== "to") return undefined;
    const many = manyWords({ ...at, index: at.index + 2 });
    return many > 0 ? { kind: "manyToMany", length: 2 + many } : { kind: "belongsTo", length: 2 };
  }
  if (["is", "are", "was", "were", "be"].includes(first)) {
    if (second === "part" && third === "of") return { kind: "belongsTo", length: 3 };
    if (OWNED_PARTICIPLES.has(second) && PREPOSITIONS.has(third)) return participle(at, 3);
    return undefined;
  }
  if (OWNED_PARTICIPLES.has(first) && ["by", "to"].includes(second)) return participle(at, 2);
  if (POINTING.has(first) && second === "to") return { kind: "belongsTo", length: 2 };
  if (first === "references" || first === "referencing") return { kind: "belongsTo", length: 1 };
  return undefined;
}

function participle(at: Cursor, length: number): RelationVerb {
  const many = manyWords({ ...at, index: at.index + length });
  return many > 0 ? { kind: "manyToMany", length: length + many } : { kind: "belongsTo", length };
}

function hasVerb(at: Cursor): RelationVerb | undefined {
  if (!HAS_VERBS.has(wordAt(at))) return undefined;
  if (wordAt(at, 1) === "and" && wordAt(at, 2).startsWith("belong") && wordAt(at, 3) === "to") {
    return { kind: "manyToMany", length: 4 + manyWords({ ...at, index: at.index + 4 }) };
  }
  const many = manyWords({ ...at, index: at.index + 1 });
  if (many > 0) return { kind: "hasMany", length: 1 + many };
  if (wordAt(at, 1) === "one" && wordAt(at, 2) !== "of") return { kind: "hasOne", length: 2 };
  if (wordAt(at, 1) === "exactly" && wordAt(at, 2) === "one") return { kind: "hasOne", length: 3 };
  return undefined;
}

/** `many-to-many with`, `one to many relationship to`. */
function namedRelation(at: Cursor): RelationVerb | undefined {
  let index = ["are", "is", "have", "has", "in"].includes(wordAt(at)) ? 1 : 0;
  if (index === 1 && wordAt(at, 1) === "a") index = 2;
  const words: string[] = [];
  while (words.length < 3 && wordAt(at, index) !== "") {
    words.push(...wordAt(at, index).split("-"));
    index += 1;
    if (isMark(peek(at, index), "-")) index += 1;
  }
  const name = words.join("-");
  const kinds: Readonly<Record<string, RelationVerb["kind"]>> = {
    "many-to-many": "manyToMany",
    "one-to-many": "hasMany",
    "many-to-one": "belongsTo",
    "one-to-one": "hasOne",
  };
  const kind = Object.hasOwn(kinds, name) ? kinds[name] : undefined;
  if (kind === undefined) return undefined;
  while (
    ["relation", "relationship", "association", "link", "with", "to", "from"].includes(wordAt(at, index))
  )
    index += 1;
  return { kind, length: index };
}

function owningVerb(at: Cursor): RelationVerb | undefined {
  if (!OWNING_VERBS.has(wordAt(at))) return undefined;
  return { kind: "hasMany", length: 1 + manyWords({ ...at, index: at.index + 1 }), soft: true };
}

/** How many tokens at the cursor say "many": `many`, `one or more`, `a list of`, `any number of`. */
export function manyWords(at: Cursor): number {
  const [first, second, third] = [wordAt(at), wordAt(at, 1), wordAt(at, 2)];
  if (["one", "zero", "1", "0"].includes(first) && second === "or" && ["more", "many"].includes(third))
    return 3;
  const start = first === "a" || first === "an" || first === "any" ? 1 : 0;
  if (["list", "set", "collection", "lots", "number", "array", "couple"].includes(wordAt(at, start))) {
    const isCount = wordAt(at, start) === "number" && start === 0;
    if (wordAt(at, start + 1) === "of" && !isCount) return start + 2;
  }
  if (!MANY_WORDS.has(first)) return 0;
  return second === "different" || second === "other" ? 2 : 1;
}
