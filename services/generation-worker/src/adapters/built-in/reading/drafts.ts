import type { FieldKind } from "../project-model";

/** A field as it was written; what it means is settled once all resources are known. */
export interface FieldDraft {
  words: string[];
  kind?: FieldKind;
  optional?: boolean;
  unique?: boolean;
  values: string[];
  defaultText?: string;
  min?: number;
  max?: number;
  /** The words after the colon that are no known type; perhaps a resource. */
  typeWords?: string[];
  /** `many tags`, `a list of tags` */
  many?: boolean;
  /** Fields in brackets behind the name: the name is a resource of its own. */
  nested?: FieldDraft[];
}

export interface ResourceDraft {
  readonly words: readonly string[];
  readonly fields: FieldDraft[];
  /** How sure the text is that this is a thing to keep: at least 2 is needed. */
  evidence: number;
}

export interface RelationDraft {
  readonly kind: "belongsTo" | "hasMany" | "hasOne" | "manyToMany";
  readonly from: string;
  readonly to: string;
  readonly role?: readonly string[];
  readonly optional?: boolean;
  /** Only a guess from a verb: it counts when both ends are known for another reason. */
  readonly soft?: boolean;
}

/** Everything that was read, before it is checked and completed. Resources by singular name. */
export interface PromptDraft {
  readonly resources: Map<string, ResourceDraft>;
  readonly relations: RelationDraft[];
  /** Pieces of the text that meant nothing to the reader. */
  readonly ignored: string[];
  /** The app's own name, if it was called something. */
  title?: string;
  readonly appWords: Set<string>;
}

/** Sets what was read of a field; true, because something was. */
export function setField(field: FieldDraft, values: Partial<FieldDraft>): true {
  Object.assign(field, values);
  return true;
}
