import type { Field } from "../project-model";
import { capitalize } from "../reading/words";
import { literal } from "./naming";

/** An expression over `count` (1, 2, 3 …) that yields a fitting value, a different one each time if it can. */
export function sampleExpression(field: Field): string {
  switch (field.kind) {
    case "string":
    case "text":
      return textExpression(field);
    case "email":
      return "`person${count}@example.com`";
    case "url":
      return "`https://example.com/${count}`";
    case "integer":
    case "float":
    case "decimal":
      return numberExpression(field);
    case "boolean":
      return "true";
    case "date":
      return field.unique ? "new Date(Date.UTC(2026, 0, count)).toISOString().slice(0, 10)" : '"2026-01-15"';
    case "datetime":
      return field.unique ? "new Date(Date.UTC(2026, 0, count)).toISOString()" : '"2026-01-15T09:30:00.000Z"';
    case "uuid":
      return "randomUUID()";
    case "json":
      return '{ color: "green" }';
    case "list":
      return '["first", "second"]';
    case "enum":
      return literal(field.values[0] ?? "");
  }
}

function textExpression({ label, min = 0, max = 200 }: Field): string {
  const prefix = `${capitalize(label)} `;
  const roomy = prefix.length + 4 <= max;
  const text = roomy ? `\`${prefix}\${count}\`` : "String(count)";
  const pad = min > (roomy ? prefix.length + 1 : 1) ? `.padEnd(${min}, "x")` : "";
  return text + pad;
}

function numberExpression({ kind, min, max }: Field): string {
  const half = kind === "integer" ? "" : " + 0.5";
  if (max === undefined) return min === undefined || min === 0 ? `count${half}` : `${min} + count${half}`;
  if (min === undefined) return `${max} - count`;
  const range = Math.floor(max - min) + 1;
  return range < 2 ? String(min) : min === 0 ? `count % ${range}` : `${min} + (count % ${range})`;
}

/** A JSON value as text that the field must refuse, for any kind. */
export function wrongValue(field: Field): string {
  switch (field.kind) {
    case "enum":
    case "email":
    case "url":
    case "date":
    case "datetime":
    case "uuid":
      return '"not one of these"';
    case "string":
    case "text":
      return "12";
    case "integer":
    case "float":
    case "decimal":
    case "boolean":
    case "json":
    case "list":
      return '"not this"';
  }
}

/** An example for the README: what `sampleExpression` yields at first, as a plain value. */
export function exampleValue(field: Field): unknown {
  switch (field.kind) {
    case "string":
    case "text": {
      const text = `${capitalize(field.label)} 1`;
      const fitting = text.length <= (field.max ?? 200) ? text : "1";
      return fitting.padEnd(Math.min(field.min ?? 0, 200), "x");
    }
    case "email":
      return "person@example.com";
    case "url":
      return "https://example.com/";
    case "integer":
    case "float":
    case "decimal":
      return field.min ?? Math.min(field.max ?? 1, 1);
    case "boolean":
      return true;
    case "date":
      return "2026-01-15";
    case "datetime":
      return "2026-01-15T09:30:00Z";
    case "uuid":
      return "4f1c8d2e-6a3b-4c5d-8e7f-90a1b2c3d4e5";
    case "json":
      return { color: "green" };
    case "list":
      return ["first", "second"];
    case "enum":
      return field.values[0];
  }
}
