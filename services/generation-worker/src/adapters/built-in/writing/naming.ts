import type { BelongsTo, Field, ManyToMany, Resource } from "../project-model";

/** Names of database constraints, which are how a refused row is traced back to a field. */
export function uniqueName(resource: Resource, column: string): string {
  return `uq_${resource.names.table}_${column}`.slice(0, 63);
}

export function foreignKeyName(resource: Resource, { column }: BelongsTo): string {
  return `fk_${resource.names.table}_${column}`.slice(0, 63);
}

export function indexName(table: string, column: string): string {
  return `ix_${table}_${column}`.slice(0, 63);
}

/** A TypeScript string literal that holds exactly `text`. */
export function literal(text: string): string {
  return JSON.stringify(text).replaceAll("\u2028", "\\u2028").replaceAll("\u2029", "\\u2029");
}

/** An SQL string literal, ready to stand in a template literal of the written code. */
export function sqlLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return quoted.replaceAll("\\", "\\\\").replaceAll("`", "\\`").replaceAll("$", "\\$");
}

/** Fields that `?q=` searches in. */
export function searchFields(resource: Resource): readonly Field[] {
  return resource.fields
    .filter(({ kind }) => kind === "string" || kind === "text" || kind === "email")
    .slice(0, 5);
}

/** Query parameters of a list that no filter may be called. */
const LIST_PARAMETERS = new Set(["limit", "offset", "sort", "q"]);

/** Fields that a list can be filtered by. */
export function filterFields(resource: Resource): readonly Field[] {
  return resource.fields.filter(
    ({ kind, unique, name }) =>
      !LIST_PARAMETERS.has(name) &&
      (kind === "enum" || kind === "boolean" || (unique && (kind === "string" || kind === "email"))),
  );
}

/** The query parameter that narrows a list to rows linked with one target. */
export function linkFilterName(resource: Resource, { idsName }: ManyToMany): string {
  const name = idsName.slice(0, -1);
  return resource.belongsTo.some(({ idName }) => idName === name)
    ? `linked${name.charAt(0).toUpperCase()}${name.slice(1)}`
    : name;
}

/** Fields that a list can be sorted by. */
export function sortFields(resource: Resource): readonly string[] {
  const sortable = resource.fields
    .filter(({ kind }) => !["json", "list", "text"].includes(kind))
    .map(({ name }) => name);
  return [...sortable, "createdAt", "updatedAt"];
}
