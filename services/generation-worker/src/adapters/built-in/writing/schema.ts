import type { Field, Resource } from "../project-model";
import { enumName, isNullable } from "./entity";
import { filterFields, linkFilterName, literal, searchFields, sortFields } from "./naming";

/** `src/books/book.schema.ts` */
export function writeSchema(resource: Resource): string {
  const { names, fields, belongsTo, manyToMany } = resource;
  const input = [
    ...fields.map((field) => `${field.name}: ${inputOf(resource, field)},`),
    ...belongsTo.map(({ idName, required }) => `${idName}: z.uuid()${required ? "" : ".nullish()"},`),
    ...manyToMany.map(({ idsName }) => `${idsName}: z.array(z.uuid()).max(100).optional(),`),
  ];
  const filters = [
    ...filterFields(resource).map((field) => `${field.name}: ${filterOf(resource, field)}.optional(),`),
    ...belongsTo.map(({ idName }) => `${idName}: z.uuid().optional(),`),
    ...manyToMany.map((relation) => `${linkFilterName(resource, relation)}: z.uuid().optional(),`),
  ];
  const enums = fields.filter(({ kind }) => kind === "enum").map((field) => enumName(resource, field));
  const imported =
    enums.length > 0
      ? `import { ${[...enums, `type ${names.pascal}`].join(", ")} }`
      : `import type { ${names.pascal} }`;
  const search = searchFields(resource).length > 0 ? "q: z.string().trim().min(1).max(200).optional()," : "";
  const sorts = sortFields(resource).flatMap((name) => [name, `-${name}`]);
  return `import { z } from "zod";
import { pageQuery } from "../http/pagination.js";
${imported} from "./${names.kebab}.entity.js";

/** What a client may write. The id and the times are set by the database. */
export const ${names.camel}Input = z.strictObject({
  ${input.join("\n  ")}
});

/** A change: any part of the input. */
export const ${names.camel}Changes = ${names.camel}Input.partial();

/** How a list can be narrowed, sorted (a leading minus turns the order round) and paged. */
export const ${names.camel}Query = pageQuery.extend({
  ${search}
  sort: z.enum([${sorts.map(literal).join(", ")}]).default("-createdAt"),
  ${filters.join("\n  ")}
});

/** What a client gets to see. */
export function present${names.pascal}(row: ${names.pascal}) {
  return {
    id: row.id,
    ${[...fields.map(({ name }) => `${name}: row.${name},`), ...belongsTo.map(({ idName }) => `${idName}: row.${idName},`)].join("\n    ")}
    ${manyToMany.map(({ idsName, name }) => `${idsName}: (row.${name} ?? []).map(({ id }) => id),`).join("\n    ")}
    createdAt: row.createdAt,
    updatedAt: row.updatedAt,
  };
}
`;
}

function inputOf(resource: Resource, field: Field): string {
  const check = checkOf(resource, field);
  if (isNullable(field)) return `${check}.nullish()`;
  return field.required ? check : `${check}.optional()`;
}

function checkOf(resource: Resource, field: Field): string {
  switch (field.kind) {
    case "string":
    case "text":
      return `z.string().trim()${bound("min", (field.min ?? 0) > 0 ? field.min : undefined)}${bound("max", field.max)}`;
    case "email":
      return "z.email().max(254)";
    case "url":
      return "z.url().max(2000)";
    case "integer":
      return `z.int32()${bound("min", field.min)}${bound("max", field.max)}`;
    case "float":
      return `z.number()${bound("min", field.min)}${bound("max", field.max)}`;
    case "decimal":
      return `z.number().multipleOf(0.01)${bound("min", field.min ?? -9_999_999_999)}${bound("max", field.max ?? 9_999_999_999)}`;
    case "boolean":
      return "z.boolean()";
    case "date":
      return "z.iso.date()";
    case "datetime":
      return "z.iso.datetime({ offset: true }).transform((text) => new Date(text))";
    case "uuid":
      return "z.uuid()";
    case "json":
      return "z.record(z.string(), z.unknown())";
    case "list":
      return "z.array(z.string().trim().min(1).max(200)).max(100)";
    case "enum":
      return `z.enum(${enumName(resource, field)})`;
  }
}

function bound(name: "min" | "max", value: number | undefined): string {
  return value === undefined ? "" : `.${name}(${spaced(value)})`;
}

/** A number as people read it: `20_000`. */
function spaced(value: number): string {
  return Number.isInteger(value) && Math.abs(value) >= 10_000
    ? String(value).replace(/\B(?=(\d{3})+$)/g, "_")
    : String(value);
}

function filterOf(resource: Resource, field: Field): string {
  if (field.kind === "enum") return `z.enum(${enumName(resource, field)})`;
  return field.kind === "boolean" ? "z.stringbool()" : "z.string()";
}
