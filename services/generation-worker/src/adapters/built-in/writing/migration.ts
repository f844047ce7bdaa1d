import type { Field, FieldKind, ManyToMany, ProjectModel, Resource } from "../project-model";
import { isNullable } from "./entity";
import { foreignKeyName, indexName, sqlLiteral, uniqueName } from "./naming";

const SQL_TYPES: Readonly<Record<FieldKind, string>> = {
  string: "text",
  text: "text",
  email: "text",
  url: "text",
  integer: "integer",
  float: "double precision",
  decimal: "numeric(12, 2)",
  boolean: "boolean",
  date: "date",
  datetime: "timestamptz",
  uuid: "uuid",
  json: "jsonb",
  list: "text[]",
  enum: "text",
};

/** The first migration. TypeORM sorts by the number in the class name, so it is part of the name for good. */
export const MIGRATION_CLASS = "CreateSchema1700000000000";
export const MIGRATION_FILE = "1700000000000-create-schema";

/** `src/database/migrations/1700000000000-create-schema.ts` */
export function writeMigration({ resources }: ProjectModel): string {
  const joins = resources.flatMap((resource) =>
    resource.manyToMany.map((relation) => ({ resource, relation })),
  );
  const up = [
    ...resources.map((resource) => run(createTable(resource))),
    // Foreign keys come last, so that tables may point at each other.
    ...resources.flatMap(foreignKeys).map(run),
    ...joins.flatMap(({ resource, relation }) => joinTable(resource, relation)).map(run),
  ];
  const down = [
    ...joins.map(({ relation }) => `DROP TABLE "${relation.table}"`),
    ...resources.flatMap((resource) =>
      resource.belongsTo.map(
        (relation) =>
          `ALTER TABLE "${resource.names.table}" DROP CONSTRAINT "${foreignKeyName(resource, relation)}"`,
      ),
    ),
    ...[...resources].reverse().map(({ names }) => `DROP TABLE "${names.table}"`),
  ].map(run);
  return `import type { MigrationInterface, QueryRunner } from "typeorm";

export class ${MIGRATION_CLASS} implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    ${up.join("\n    ")}
  }

  async down(runner: QueryRunner): Promise<void> {
    ${down.join("\n    ")}
  }
}
`;
}

function run(sql: string): string {
  return `await runner.query(\`${sql}\`);`;
}

function createTable(resource: Resource): string {
  const { table } = resource.names;
  const lines = [
    `"id" uuid PRIMARY KEY DEFAULT gen_random_uuid()`,
    ...resource.fields.map(columnOf),
    ...resource.belongsTo.map(({ column, required }) => `"${column}" uuid${required ? " NOT NULL" : ""}`),
    `"created_at" timestamptz NOT NULL DEFAULT now()`,
    `"updated_at" timestamptz NOT NULL DEFAULT now()`,
    ...resource.fields
      .filter(({ unique }) => unique)
      .map(({ column }) => `CONSTRAINT "${uniqueName(resource, column)}" UNIQUE ("${column}")`),
    ...resource.belongsTo
      .filter(({ unique }) => unique)
      .map(({ column }) => `CONSTRAINT "${uniqueName(resource, column)}" UNIQUE ("${column}")`),
  ];
  return `\n      CREATE TABLE "${table}" (\n        ${lines.join(",\n        ")}\n      )\n    `;
}

function columnOf(field: Field): string {
  const parts = [`"${field.column}" ${SQL_TYPES[field.kind]}`];
  if (!isNullable(field)) parts.push("NOT NULL");
  if (field.defaultValue !== undefined) {
    parts.push(
      `DEFAULT ${typeof field.defaultValue === "string" ? sqlLiteral(field.defaultValue) : String(field.defaultValue)}`,
    );
  }
  if (field.kind === "enum")
    parts.push(`CHECK ("${field.column}" IN (${field.values.map(sqlLiteral).join(", ")}))`);
  return parts.join(" ");
}

function foreignKeys(resource: Resource): string[] {
  const { table } = resource.names;
  return resource.belongsTo.flatMap((relation) => [
    `
      ALTER TABLE "${table}" ADD CONSTRAINT "${foreignKeyName(resource, relation)}"
      FOREIGN KEY ("${relation.column}") REFERENCES "${relation.target.table}" ("id")${relation.required ? "" : " ON DELETE SET NULL"}
    `,
    ...(relation.unique
      ? []
      : [`CREATE INDEX "${indexName(table, relation.column)}" ON "${table}" ("${relation.column}")`]),
  ]);
}

function joinTable(resource: Resource, { table, ownColumn, target, targetColumn }: ManyToMany): string[] {
  return [
    `
      CREATE TABLE "${table}" (
        "${ownColumn}" uuid NOT NULL REFERENCES "${resource.names.table}" ("id") ON DELETE CASCADE,
        "${targetColumn}" uuid NOT NULL REFERENCES "${target.table}" ("id") ON DELETE CASCADE,
        PRIMARY KEY ("${ownColumn}", "${targetColumn}")
      )
    `,
    `CREATE INDEX "${indexName(table, targetColumn)}" ON "${table}" ("${targetColumn}")`,
  ];
}
