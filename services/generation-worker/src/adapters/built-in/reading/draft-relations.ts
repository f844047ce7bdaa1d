import type { ReadingNote } from "../project-model";
import type { FieldDraft, PromptDraft, RelationDraft, ResourceDraft } from "./drafts";
import { kindOfName } from "./field-types";
import { keyOf } from "./noun-phrase";
import { addFields, resourceOf } from "./reading-state";
import { USUAL_RESOURCES } from "./usual-resources";
import { isPlural, wordsOf } from "./words";

/** Turns `a customer (name, email)` within a field list into a resource of its own and a relation to it. */
export function expandNested(draft: PromptDraft): void {
  for (let pass = 0; pass < 4; pass += 1) {
    for (const [key, resource] of [...draft.resources]) {
      const nested = resource.fields.filter((field) => field.nested !== undefined);
      for (const field of nested) {
        resource.fields.splice(resource.fields.indexOf(field), 1);
        const target = keyOf(field.words);
        if (target === "") continue;
        addFields(resourceOf(draft, { key: target, words: [] }), field.nested ?? [], 2);
        draft.relations.push(relationOf(key, target, field));
        resource.evidence += 1;
      }
    }
  }
}

function relationOf(from: string, to: string, field: FieldDraft): RelationDraft {
  const many = field.many === true || isPlural(field.words.at(-1) ?? "");
  return {
    kind: many ? "hasMany" : "belongsTo",
    from,
    to,
    ...(field.optional === true ? { optional: true } : {}),
  };
}

/** Turns fields that name another resource (`author`, `authorId`, `owner: User`, `comments`) into relations. */
export function fieldsToRelations(
  kept: Map<string, ResourceDraft>,
  draft: PromptDraft,
  notes: ReadingNote[],
): void {
  for (const [key, resource] of [...kept]) {
    const remaining: FieldDraft[] = [];
    for (const field of resource.fields) {
      const relation = relationBehind(key, field, { kept, notes });
      if (relation === undefined) {
        remaining.push(field);
        continue;
      }
      if (!kept.has(relation.to)) kept.set(relation.to, resourceOf(draft, { key: relation.to, words: [] }));
      draft.relations.push(relation);
    }
    resource.fields.splice(0, resource.fields.length, ...remaining);
  }
}

interface Known {
  readonly kept: ReadonlyMap<string, ResourceDraft>;
  readonly notes: ReadingNote[];
}

function relationBehind(from: string, field: FieldDraft, { kept, notes }: Known): RelationDraft | undefined {
  const [first, second] = field.words;
  if (
    field.typeWords === undefined &&
    field.kind === undefined &&
    first !== undefined &&
    second !== undefined
  ) {
    // `author Author`
    if (/^\p{Lu}/u.test(second) && kept.has(keyOf([second]))) {
      field.words = [first];
      field.typeWords = [second];
    }
  }
  if (field.typeWords !== undefined) {
    const target = keyOf(field.typeWords);
    if (kept.has(target)) {
      const relation = relationOf(from, target, field);
      const role = wordsOf(field.words.join(" ").replace(/[\s_-]*id$/i, ""));
      return relation.kind === "hasMany" || role.join(" ") === target ? relation : { ...relation, role };
    }
    notes.push({
      level: "warn",
      message: `No type or resource is called "${wordsOf(field.typeWords.join(" ")).join(" ")}"; the type of ${wordsOf(field.words.join(" ")).join(" ")} was taken from its name.`,
    });
  }
  if (field.kind !== undefined && field.kind !== "uuid") return undefined;
  const key = keyOf(field.words);
  const withoutId = key.replace(/ ids?$/, "");
  const isId = withoutId !== key && kept.has(withoutId);
  if (isId) {
    const role = relationOf(from, withoutId, field);
    return / ids$/.test(wordsOf(field.words.join(" ")).join(" "))
      ? { ...role, kind: "hasMany" }
      : { ...role, kind: "belongsTo" };
  }
  if (field.kind === "uuid" || key === "") return undefined;
  if (kept.has(key) && (key !== from || field.many === true)) return relationOf(from, key, field);
  const usual =
    Object.hasOwn(USUAL_RESOURCES, key) && kindOfName(wordsOf(field.words.join(" ")).join("_")) === "string";
  return usual && isPlural(field.words.at(-1) ?? "") && key !== from
    ? relationOf(from, key, field)
    : undefined;
}
