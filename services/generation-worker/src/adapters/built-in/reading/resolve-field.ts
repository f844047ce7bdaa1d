import type { DefaultValue, Field, FieldKind, ReadingNote } from "../project-model";
import type { FieldDraft } from "./drafts";
import { kindOfName } from "./field-types";
import { safeFieldWords } from "./names";
import { camelCase, wordsOf } from "./words";

const MAX_LENGTH: Readonly<Partial<Record<FieldKind, number>>> = {
  string: 200,
  text: 20_000,
  email: 254,
  url: 2_000,
};
const INTEGER_LIMIT = 2_147_483_647;
const DECIMAL_LIMIT = 9_999_999_999;
const FLOAT_LIMIT = 1e15;
const FEW_VALUES = 1_000;
const NEVER_NEGATIVE =
  /(^|_)(price|cost|count|quantity|qty|stock|age|pages|year|capacity|duration|minutes|hours|seconds|seats|servings|weight|height|width|length)$/;

/** Settles what one field is: its kind from type or name, its bounds, its default. Undefined without a name. */
export function resolveField(draft: FieldDraft, owner: string, notes: ReadingNote[]): Field | undefined {
  const written = wordsOf(draft.words.join(" "));
  const words = safeFieldWords(written);
  if (words.length === 0) {
    notes.push({ level: "warn", message: `Ignored a field of ${owner} without a usable name.` });
    return undefined;
  }
  const column = words.join("_");
  const kind = settleKind(draft, column);
  const values = kind === "enum" ? [...new Set(draft.values)] : [];
  const { min, max } = boundsOf(draft, kind, column);
  const label = words.join(" ");
  const defaultValue = defaultOf(draft, {
    kind,
    values,
    min,
    max,
    label: `${owner}.${camelCase(words)}`,
    notes,
  });
  const few =
    kind === "boolean" ||
    kind === "enum" ||
    ((max ?? Infinity) - (min ?? -Infinity) < FEW_VALUES && kind === "integer");
  const shortText = (kind === "string" || kind === "text") && (max ?? 200) < 4;
  if (draft.unique === true && (few || shortText || kind === "json" || kind === "list")) {
    notes.push({
      level: "warn",
      message: `${owner}.${camelCase(words)} can't sensibly be unique, so it isn't.`,
    });
  }
  return {
    name: camelCase(words),
    column,
    label,
    kind,
    required: draft.optional !== true && defaultValue === undefined,
    unique: draft.unique === true && !few && !shortText && kind !== "json" && kind !== "list",
    values,
    defaultValue: draft.unique === true && !few ? undefined : defaultValue,
    min,
    max,
  };
}

function settleKind(draft: FieldDraft, column: string): FieldKind {
  const byName = kindOfName(column);
  if (draft.kind === "enum") return new Set(draft.values).size >= 2 ? "enum" : "string";
  if (draft.many === true && draft.kind === undefined) return "list";
  // A general type leaves the better guess to the name: `email string`, `price number`.
  if (draft.kind === "string" && (byName === "email" || byName === "url")) return byName;
  if (
    draft.kind === "integer" &&
    draft.typeWords === undefined &&
    (byName === "decimal" || byName === "float")
  ) {
    return draft.min !== undefined || draft.max !== undefined ? "integer" : byName;
  }
  return draft.kind ?? byName;
}

function boundsOf(
  draft: FieldDraft,
  kind: FieldKind,
  column: string,
): { min: number | undefined; max: number | undefined } {
  const none = { min: undefined, max: undefined };
  switch (kind) {
    case "string":
    case "text":
    case "email":
    case "url": {
      const limit = MAX_LENGTH[kind] ?? 200;
      const max = clamp(Math.trunc(draft.max ?? limit), 1, kind === "string" ? 2_000 : limit);
      const textMin = kind === "string" || kind === "text" ? Math.trunc(draft.min ?? 1) : 0;
      return { min: clamp(textMin, 0, max), max: kind === "email" || kind === "url" ? limit : max };
    }
    case "integer":
    case "float":
    case "decimal": {
      const limit = kind === "integer" ? INTEGER_LIMIT : kind === "decimal" ? DECIMAL_LIMIT : FLOAT_LIMIT;
      const round = kind === "integer" ? Math.ceil : Math.round;
      const lowest = draft.min ?? (NEVER_NEGATIVE.test(column) ? 0 : undefined);
      const min =
        lowest === undefined ? undefined : clamp(kind === "float" ? lowest : round(lowest), -limit, limit);
      const max =
        draft.max === undefined
          ? undefined
          : clamp(kind === "float" ? draft.max : Math.floor(draft.max), -limit, limit);
      return min !== undefined && max !== undefined && min >= max ? { min: undefined, max } : { min, max };
    }
    case "boolean":
    case "date":
    case "datetime":
    case "uuid":
    case "json":
    case "list":
    case "enum":
      return none;
  }
}

interface DefaultContext {
  readonly kind: FieldKind;
  readonly values: readonly string[];
  readonly min: number | undefined;
  readonly max: number | undefined;
  readonly label: string;
  readonly notes: ReadingNote[];
}

function defaultOf(draft: FieldDraft, context: DefaultContext): DefaultValue | undefined {
  const text = draft.defaultText?.trim();
  if (text === undefined || text === "" || text.toLowerCase() === "null") return undefined;
  const value = parseDefault(text, context);
  if (value === undefined) {
    context.notes.push({
      level: "warn",
      message: `The default of ${context.label} doesn't fit its type and was left out.`,
    });
  }
  return value;
}

function parseDefault(text: string, { kind, values, min, max }: DefaultContext): DefaultValue | undefined {
  switch (kind) {
    case "boolean":
      if (/^(true|yes|on|1)$/i.test(text)) return true;
      return /^(false|no|off|0)$/i.test(text) ? false : undefined;
    case "integer":
    case "float":
    case "decimal": {
      const number = Number(text);
      if (!Number.isFinite(number) || (kind === "integer" && !Number.isInteger(number))) return undefined;
      const limit = kind === "integer" ? INTEGER_LIMIT : DECIMAL_LIMIT;
      if (number < (min ?? -limit) || number > (max ?? limit)) return undefined;
      return kind === "decimal" ? Math.round(number * 100) / 100 : number;
    }
    case "enum":
      return values.find((value) => value.toLowerCase() === text.toLowerCase());
    case "string":
    case "text": {
      const clean = text.replace(/[^\p{L}\p{M}\p{N} _.,+/&:@#%!?-]/gu, "").trim();
      return clean.length >= (min ?? 0) && clean.length <= (max ?? 200) && clean !== "" ? clean : undefined;
    }
    case "email":
    case "url":
    case "date":
    case "datetime":
    case "uuid":
    case "json":
    case "list":
      return undefined;
  }
}

function clamp(value: number, least: number, most: number): number {
  return Math.min(Math.max(value, least), most);
}
