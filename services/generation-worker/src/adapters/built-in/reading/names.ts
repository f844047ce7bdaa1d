import type { ResourceNames } from "../project-model";
import { camelCase, pascalCase, plural } from "./words";

/** Class names that the written code imports or relies on; a resource of that name gets a second word. */
const TAKEN_CLASSES = new Set([
  ...[
    "Column",
    "CreateDateColumn",
    "Entity",
    "Index",
    "JoinColumn",
    "JoinTable",
    "ManyToMany",
    "ManyToOne",
    "OneToOne",
  ],
  ...[
    "PrimaryGeneratedColumn",
    "Relation",
    "UpdateDateColumn",
    "DataSource",
    "In",
    "Router",
    "Problem",
    "Date",
    "Promise",
  ],
  ...[
    "Record",
    "Object",
    "Array",
    "String",
    "Number",
    "Boolean",
    "Error",
    "Function",
    "Symbol",
    "Map",
    "Set",
    "Json",
  ],
  ...[
    "Math",
    "Request",
    "Response",
    "Express",
    "Partial",
    "Pick",
    "Omit",
    "Readonly",
    "Undefined",
    "Null",
    "Proxy",
  ],
  ...[
    "Reflect",
    "Infinity",
    "Test",
    "Describe",
    "Buffer",
    "Process",
    "Global",
    "Console",
    "Url",
    "Config",
    "Server",
  ],
  // File names that Windows keeps for itself.
  ...[
    "Con",
    "Aux",
    "Nul",
    "Prn",
    "Com0",
    "Com1",
    "Com2",
    "Com3",
    "Com4",
    "Com5",
    "Com6",
    "Com7",
    "Com8",
    "Com9",
  ],
  ...["Lpt0", "Lpt1", "Lpt2", "Lpt3", "Lpt4", "Lpt5", "Lpt6", "Lpt7", "Lpt8", "Lpt9"],
]);
/** Property names with a meaning of their own in JavaScript or TypeORM. */
const TAKEN_PROPERTIES = new Set([
  ...[
    "constructor",
    "prototype",
    "proto",
    "toString",
    "valueOf",
    "hasOwnProperty",
    "toJSON",
    "then",
    "isPrototypeOf",
  ],
  ...["hasId", "save", "remove", "softRemove", "recover", "reload", "propertyIsEnumerable", "toLocaleString"],
]);

/** Every spelling of a resource's name, from its lower-case singular words. */
export function namesOf(words: readonly string[]): ResourceNames {
  const safe = TAKEN_CLASSES.has(pascalCase(words)) ? [...words, "entry"] : words;
  const last = safe.at(-1) ?? "";
  const many = [...safe.slice(0, -1), plural(last).replace(/[^a-z0-9]/g, "")];
  return {
    pascal: pascalCase(safe),
    camel: camelCase(safe),
    pascalPlural: pascalCase(many),
    kebab: safe.join("-"),
    kebabPlural: many.join("-"),
    table: many.join("_"),
    label: safe.join(" "),
    labelPlural: many.join(" "),
  };
}

/** The words of a field's name, made safe as a property; empty stays empty. */
export function safeFieldWords(words: readonly string[]): readonly string[] {
  return TAKEN_PROPERTIES.has(camelCase(words)) ? [...words, "value"] : words;
}
