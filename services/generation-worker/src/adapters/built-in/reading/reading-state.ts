import type { FieldDraft, PromptDraft, ResourceDraft } from "./drafts";
import type { Token } from "./tokens";
import { USUAL_FIELDS } from "./vocabulary";

/** What the reader remembers from one sentence to the next. */
export interface Reading {
  readonly text: string;
  readonly tokens: readonly Token[];
  readonly draft: PromptDraft;
  /** Key of the resource spoken of last. */
  subject: string | undefined;
  /** Whether no statement has been read yet. */
  first: boolean;
}

/** The draft of a resource, made when it is first named. */
export function resourceOf(
  draft: PromptDraft,
  noun: { key: string; words: readonly string[] },
): ResourceDraft {
  const known = draft.resources.get(noun.key);
  if (known !== undefined) return known;
  const created: ResourceDraft = { words: noun.key.split(" "), fields: [], evidence: 0 };
  draft.resources.set(noun.key, created);
  return created;
}

/** Adds fields and what they say about how sure the reading is. */
export function addFields(resource: ResourceDraft, fields: readonly FieldDraft[], evidence: number): void {
  resource.fields.push(...fields);
  resource.evidence += evidence;
}

/** 2 for fields that are typed, usual or several; less for a single unknown word. */
export function evidenceOf(fields: readonly FieldDraft[]): number {
  if (fields.length === 0) return 0;
  const sure = fields.some(
    (field) =>
      field.kind !== undefined ||
      field.nested !== undefined ||
      USUAL_FIELDS.has(field.words[0]?.toLowerCase() ?? ""),
  );
  if (!sure && fields.some((field) => field.typeWords !== undefined)) return 2;
  return sure ? 2 : fields.length >= 3 ? 1 : 0.5;
}
