import type { BelongsTo, Field, FieldKind, ManyToMany, Resource } from "../project-model";
import { foreignKeyName, literal, uniqueName } from "./naming";

const COLUMN_TYPES: Readonly<Record<FieldKind, string>> = {
  string: "text",
  text: "text",
  email: "text",
  url: "text",
  integer: "integer",
  float: "double precision",
  decimal: "numeric",
  boolean: "boolean",
  date: "date",
  datetime: "timestamptz",
  uuid: "uuid",
  json: "jsonb",
  list: "text",
  enum: "text",
};

const PROPERTY_TYPES: Readonly<Record<FieldKind, string>> = {
  string: "string",
  text: "string",
  email: "string",
  url: "string",
  integer: "number",
  float: "number",
  decimal: "number",
  boolean: "boolean",
  date: "string",
  datetime: "Date",
  uuid: "string",
  json: "Record<string, unknown>",
  list: "string[]",
  enum: "string",
};

/** Whether the column may hold null: not given and no default to fall back on. */
export function isNullable(field: Field): boolean {
  return !field.required && field.defaultValue === undefined;
}

/** `src/books/book.entity.ts` */
export function writeEntity(resource: Resource): string {
  const { names } = resource;
  const body = [
    `@PrimaryGeneratedColumn("uuid")\n  id!: string;`,
    ...resource.fields.map(writeField),
    ...resource.belongsTo.map((relation) => writeBelongsTo(resource, relation)),
    ...resource.manyToMany.map(writeManyToMany),
    `@CreateDateColumn({ name: "created_at", type: "timestamptz" })\n  createdAt!: Date;`,
    `@UpdateDateColumn({ name: "updated_at", type: "timestamptz" })\n  updatedAt!: Date;`,
  ];
  const enums = resource.fields
    .filter(({ kind }) => kind === "enum")
    .map((field) => `export const ${enumName(resource, field)} = ${JSON.stringify(field.values)} as const;`);
  return `${imports(resource)}
${enums.join("\n")}

@Entity({ name: ${literal(names.table)} })
${resource.fields
  .filter(({ unique }) => unique)
  .map((field) => `@Unique(${literal(uniqueName(resource, field.column))}, [${literal(field.name)}])`)
  .join("\n")}
export class ${names.pascal} {
  ${body.map((part) => part.replaceAll("ENUM_OF:", names.camel)).join("\n\n  ")}
}
`;
}

/** The constant that lists a choice's values, such as `bookStatuses`. */
export function enumName({ names }: Resource, field: Field): string {
  return `${names.camel}${field.name.charAt(0).toUpperCase()}${field.name.slice(1)}Values`;
}

function imports({ names, fields, belongsTo, manyToMany }: Resource): string {
  const used = ["Column", "CreateDateColumn", "Entity", "PrimaryGeneratedColumn", "UpdateDateColumn"];
  if (fields.some(({ unique }) => unique)) used.push("Unique");
  if (belongsTo.length > 0) used.push("JoinColumn");
  if (belongsTo.some(({ unique }) => !unique)) used.push("ManyToOne");
  if (belongsTo.some(({ unique }) => unique)) used.push("OneToOne");
  if (manyToMany.length > 0) used.push("JoinTable", "ManyToMany");
  const types = belongsTo.length + manyToMany.length > 0 ? ", type Relation" : "";
  const targets = new Map([...belongsTo, ...manyToMany].map(({ target }) => [target.pascal, target]));
  targets.delete(names.pascal);
  const lines = [...targets.values()].map(
    (target) => `import { ${target.pascal} } from "../${target.kebabPlural}/${target.kebab}.entity.js";`,
  );
  if (fields.some(({ kind }) => kind === "decimal")) {
    lines.push('import { decimal } from "../database/decimal.js";');
  }
  lines.sort((a, b) => (a.slice(a.indexOf("from")) < b.slice(b.indexOf("from")) ? -1 : 1));
  return [`import { ${used.sort().join(", ")}${types} } from "typeorm";`, ...lines].join("\n");
}

function writeField(field: Field): string {
  const options = [
    ...(field.column === field.name ? [] : [`name: ${literal(field.column)}`]),
    `type: ${literal(COLUMN_TYPES[field.kind])}`,
    ...(field.kind === "decimal" ? ["precision: 12", "scale: 2", "transformer: decimal"] : []),
    ...(field.kind === "list" ? ["array: true"] : []),
    ...(isNullable(field) ? ["nullable: true"] : []),
    ...(field.defaultValue === undefined ? [] : [`default: ${JSON.stringify(field.defaultValue)}`]),
  ];
  const type =
    field.kind === "enum"
      ? `(typeof ENUM_OF:${capitalName(field)}Values)[number]`
      : PROPERTY_TYPES[field.kind];
  return `@Column({ ${options.join(", ")} })\n  ${field.name}!: ${type}${isNullable(field) ? " | null" : ""};`;
}

function capitalName(field: Field): string {
  return field.name.charAt(0).toUpperCase() + field.name.slice(1);
}

function writeBelongsTo(resource: Resource, relation: BelongsTo): string {
  const { column, idName, name, required, target, unique } = relation;
  const empty = required ? "" : " | null";
  const nullable = required ? "" : ", nullable: true";
  const behaviour = required ? "" : `, { onDelete: "SET NULL", nullable: true }`;
  const key = literal(foreignKeyName(resource, relation));
  return `@Column({ name: ${literal(column)}, type: "uuid"${nullable} })
  ${idName}!: string${empty};

  @${unique ? "OneToOne" : "ManyToOne"}(() => ${target.pascal}${behaviour})
  @JoinColumn({ name: ${literal(column)}, foreignKeyConstraintName: ${key} })
  ${name}?: Relation<${target.pascal}>${empty};`;
}

function writeManyToMany({ name, table, ownColumn, target, targetColumn }: ManyToMany): string {
  return `@ManyToMany(() => ${target.pascal})
  @JoinTable({
    name: ${literal(table)},
    joinColumn: { name: ${literal(ownColumn)} },
    inverseJoinColumn: { name: ${literal(targetColumn)} },
  })
  ${name}?: Relation<${target.pascal}[]>;`;
}
