import type { Field, FieldKind, ReadingNote, Resource } from "../project-model";
import { sentenceList } from "./words";

const KIND_WORDS: Readonly<Record<FieldKind, string>> = {
  string: "text",
  text: "long text",
  email: "email",
  url: "URL",
  integer: "whole number",
  float: "number",
  decimal: "decimal",
  boolean: "yes/no",
  date: "date",
  datetime: "date and time",
  uuid: "UUID",
  json: "JSON",
  list: "list of texts",
  enum: "choice",
};

/** What was understood of one resource, in a sentence. */
export function describeResource(resource: Resource): ReadingNote {
  const fields = resource.fields.map((field) => `${field.name} (${describeField(field)})`).join(", ");
  const relations = [
    ...resource.belongsTo.map(({ target, label, required, unique }) => {
      const role = label === target.label ? "" : ` as ${label}`;
      return `${required ? "belongs to" : "may belong to"}${unique ? " one" : ""} ${target.label}${role}`;
    }),
    ...resource.manyToMany.map(({ label }) => `has many ${label} (many-to-many)`),
  ];
  const tail = relations.length === 0 ? "" : `; ${sentenceList(relations)}`;
  return { level: "info", message: `Understood ${resource.names.pascal}: ${fields}${tail}.` };
}

/** A field's type and rules in a few words, such as `whole number, optional, at least 1`. */
export function describeField(field: Field): string {
  const parts = [field.kind === "enum" ? `one of ${field.values.join(", ")}` : KIND_WORDS[field.kind]];
  if (field.unique) parts.push("unique");
  if (field.defaultValue !== undefined) parts.push(`default ${String(field.defaultValue)}`);
  else if (!field.required) parts.push("optional");
  return parts.join(", ");
}
