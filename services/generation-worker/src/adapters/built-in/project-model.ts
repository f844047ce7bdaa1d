/** What a field holds; it decides the column, the check and the sample value. */
export type FieldKind =
  | "string"
  | "text"
  | "email"
  | "url"
  | "integer"
  | "float"
  | "decimal"
  | "boolean"
  | "date"
  | "datetime"
  | "uuid"
  | "json"
  | "list"
  | "enum";

export type DefaultValue = string | number | boolean;

export interface Field {
  /** camelCase, safe as a property name. */
  readonly name: string;
  /** snake_case, at most 40 characters. */
  readonly column: string;
  /** Lower-case words for messages. */
  readonly label: string;
  readonly kind: FieldKind;
  readonly required: boolean;
  readonly unique: boolean;
  /** Allowed values of an `enum`, at least two; else empty. */
  readonly values: readonly string[];
  readonly defaultValue: DefaultValue | undefined;
  /** Least value of a number, least length of a text. */
  readonly min: number | undefined;
  /** Greatest value of a number, greatest length of a text. */
  readonly max: number | undefined;
}

/** Many (or, when `unique`, one) of the owning resource point at one `target`. */
export interface BelongsTo {
  readonly name: string;
  readonly idName: string;
  readonly column: string;
  readonly label: string;
  readonly target: ResourceNames;
  readonly required: boolean;
  readonly unique: boolean;
}

/** The owning resource lists any number of `target`, which may be listed by many. */
export interface ManyToMany {
  readonly name: string;
  readonly idsName: string;
  readonly label: string;
  readonly table: string;
  readonly ownColumn: string;
  readonly targetColumn: string;
  readonly target: ResourceNames;
}

/** Every spelling of a resource's name that the written project uses. */
export interface ResourceNames {
  /** `LineItem` */
  readonly pascal: string;
  /** `lineItem` */
  readonly camel: string;
  /** `LineItems` */
  readonly pascalPlural: string;
  /** `line-item`: file names. */
  readonly kebab: string;
  /** `line-items`: folder and URL path. */
  readonly kebabPlural: string;
  /** `line_items` */
  readonly table: string;
  /** `line item` */
  readonly label: string;
  /** `line items` */
  readonly labelPlural: string;
}

export interface Resource {
  readonly names: ResourceNames;
  readonly fields: readonly Field[];
  readonly belongsTo: readonly BelongsTo[];
  readonly manyToMany: readonly ManyToMany[];
}

/** A sentence about how the prompt was read, for the person who wrote it. */
export interface ReadingNote {
  readonly level: "info" | "warn";
  readonly message: string;
}

export interface ProjectModel {
  /** Title-case words, such as `Library`. */
  readonly title: string;
  /** npm package name. */
  readonly packageName: string;
  /** In an order in which every required relation points backwards. */
  readonly resources: readonly Resource[];
  readonly notes: readonly ReadingNote[];
}

export interface ProjectFile {
  readonly path: string;
  readonly content: string;
}
