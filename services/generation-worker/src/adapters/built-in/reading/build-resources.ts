import type { BelongsTo, Field, ManyToMany, ReadingNote, Resource, ResourceNames } from "../project-model";
import type { FieldDraft, ResourceDraft } from "./drafts";
import { namesOf, safeFieldWords } from "./names";
import { readFields } from "./read-fields";
import { resolveField } from "./resolve-field";
import type { SettledRelation } from "./settle-relations";
import { tokenize } from "./tokens";
import { USUAL_RESOURCES } from "./usual-resources";
import { camelCase, capitalize, plural } from "./words";

const MAX_FIELDS = 40;
const MAX_BELONGS_TO = 8;
const MAX_MANY_TO_MANY = 5;
/** Columns every resource has anyway. */
const GIVEN_FIELDS = new Set(["id", "createdAt", "updatedAt"]);

/** The resources with everything settled, in the order in which they were named. */
export function buildResources(
  kept: ReadonlyMap<string, ResourceDraft>,
  relations: readonly SettledRelation[],
  notes: ReadingNote[],
): Resource[] {
  const names = new Map([...kept].map(([key]) => [key, namesOf(key.split(" "))]));
  return [...kept].map(([key, draft]) => {
    const own = names.get(key) ?? namesOf(key.split(" "));
    const mine = relations.filter(({ from }) => from === key);
    const belongsTo = belongsToOf(mine, { names, own, notes });
    const manyToMany = manyToManyOf(mine, { names, own, notes });
    const taken = new Set([
      ...GIVEN_FIELDS,
      ...belongsTo.flatMap(({ name, idName }) => [name, idName]),
      ...manyToMany.flatMap(({ name, idsName }) => [name, idsName]),
    ]);
    const fields = fieldsOf(draft.fields, { own, taken, notes });
    return {
      names: own,
      belongsTo,
      manyToMany,
      fields: fields.length > 0 ? fields : usualFields(own, taken, notes),
    };
  });
}

interface Owner {
  readonly names: ReadonlyMap<string, ResourceNames>;
  readonly own: ResourceNames;
  readonly notes: ReadingNote[];
}

function belongsToOf(relations: readonly SettledRelation[], { names, own, notes }: Owner): BelongsTo[] {
  const found = new Map<string, BelongsTo>();
  for (const relation of relations) {
    const target = names.get(relation.to);
    if (relation.kind !== "belongsTo" || target === undefined) continue;
    const role =
      relation.role.length > 0
        ? relation.role
        : relation.from === relation.to
          ? ["parent"]
          : target.label.split(" ");
    const words = safeFieldWords(role);
    const name = camelCase(words);
    if (found.has(name) || GIVEN_FIELDS.has(name)) continue;
    if (found.size >= MAX_BELONGS_TO) {
      notes.push({
        level: "warn",
        message: `${own.pascal} belongs to more than ${MAX_BELONGS_TO}; ${name} was left out.`,
      });
      continue;
    }
    found.set(name, {
      name,
      idName: `${name}Id`,
      column: `${words.join("_")}_id`,
      label: words.join(" "),
      target,
      required: !relation.optional,
      unique: relation.unique,
    });
  }
  return [...found.values()];
}

function manyToManyOf(relations: readonly SettledRelation[], { names, own, notes }: Owner): ManyToMany[] {
  const found: ManyToMany[] = [];
  for (const relation of relations) {
    const target = names.get(relation.to);
    if (relation.kind !== "manyToMany" || target === undefined) continue;
    if (found.length >= MAX_MANY_TO_MANY) {
      notes.push({
        level: "warn",
        message: `${own.pascal} lists more than ${MAX_MANY_TO_MANY} kinds; ${target.pascal} was left out.`,
      });
      continue;
    }
    const self = relation.from === relation.to;
    const name = self ? `related${target.pascal}` : target.camel;
    const column = target.label.replaceAll(" ", "_");
    found.push({
      name: self ? `related${target.pascalPlural}` : camelPlural(target),
      idsName: `${name}Ids`,
      label: self ? `related ${target.labelPlural}` : target.labelPlural,
      table: self ? `related_${own.table}` : `${own.table}_${target.table}`,
      ownColumn: `${own.label.replaceAll(" ", "_")}_id`,
      targetColumn: self ? `related_${column}_id` : `${column}_id`,
      target,
    });
  }
  return found;
}

function camelPlural(target: ResourceNames): string {
  return camelCase(target.labelPlural.split(" "));
}

interface FieldOwner {
  readonly own: ResourceNames;
  readonly taken: ReadonlySet<string>;
  readonly notes: ReadingNote[];
}

function fieldsOf(drafts: readonly FieldDraft[], { own, taken, notes }: FieldOwner): Field[] {
  const found = new Map<string, Field>();
  const columns = new Set<string>();
  for (const draft of drafts) {
    const field = resolveField(draft, own.pascal, notes);
    if (field === undefined) continue;
    if (GIVEN_FIELDS.has(field.name)) {
      notes.push({
        level: "info",
        message: `${own.pascal}.${field.name} is there for every resource; it isn't added twice.`,
      });
    } else if (taken.has(field.name) || columns.has(field.column)) {
      continue;
    } else if (found.size >= MAX_FIELDS) {
      notes.push({
        level: "warn",
        message: `${own.pascal} has more than ${MAX_FIELDS} fields; ${field.name} was left out.`,
      });
    } else {
      found.set(field.name, field);
      columns.add(field.column);
    }
  }
  return [...found.values()];
}

/** Fields for a resource that was only named. */
function usualFields(own: ResourceNames, taken: ReadonlySet<string>, notes: ReadingNote[]): Field[] {
  const isTie = taken.size - GIVEN_FIELDS.size >= 4;
  const usual = Object.hasOwn(USUAL_RESOURCES, own.label) ? USUAL_RESOURCES[own.label] : undefined;
  const text = usual ?? (isTie ? "note text optional" : "name, description optional");
  const tokens = tokenize(text);
  const drafts = readFields({ tokens, index: 0, end: tokens.length }).fields;
  const fields = fieldsOf(drafts, { own, taken, notes });
  const list = fields.map(({ name }) => name).join(", ");
  notes.push({
    level: "info",
    message: `No fields were given for ${capitalize(plural(own.label))}, so it gets: ${list}.`,
  });
  return fields;
}
