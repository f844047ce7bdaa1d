import type { FieldKind } from "../project-model";

/** Type words that may stand alone after a name: `pages int`. */
const TYPE_WORDS: Readonly<Record<string, FieldKind>> = {
  string: "string",
  str: "string",
  varchar: "string",
  char: "string",
  text: "text",
  longtext: "text",
  markdown: "text",
  html: "text",
  int: "integer",
  integer: "integer",
  number: "integer",
  numeric: "decimal",
  bigint: "integer",
  smallint: "integer",
  serial: "integer",
  count: "integer",
  float: "float",
  double: "float",
  real: "float",
  decimal: "decimal",
  money: "decimal",
  currency: "decimal",
  bool: "boolean",
  boolean: "boolean",
  flag: "boolean",
  checkbox: "boolean",
  date: "date",
  day: "date",
  datetime: "datetime",
  timestamp: "datetime",
  timestamptz: "datetime",
  time: "datetime",
  uuid: "uuid",
  guid: "uuid",
  json: "json",
  jsonb: "json",
  object: "json",
  url: "url",
  uri: "url",
  link: "url",
  email: "email",
  enum: "enum",
};

/** Type words that no compound noun ends in, so they may also come first: `string title`. */
const LEADING = new Set(
  "string str varchar int integer bigint smallint float double decimal bool boolean datetime timestamp timestamptz uuid jsonb".split(
    " ",
  ),
);

const COMPOUND_FIRST =
  "start|end|due|birth|release|publish|publication|order|delivery|shipping|shipment|expiry|expiration|creation|purchase|" +
  "sale|sales|hire|join|joining|event|issue|return|departure|arrival|opening|closing|visit|payment|invoice|booking|appointment|" +
  "phone|serial|house|room|license|licence|tracking|card|page|seat|table|flight|part|model|registration|reference|" +
  "image|photo|avatar|cover|profile|website|video|logo|picture|repo|repository|contact|work|billing|home|mobile|prep|" +
  "preparation|cook|cooking|reading|travel|account|ticket|vat|tax|batch|line|full|plain|word|view|like|download|zip|check-in|check-out";
const COMPOUND = new RegExp(
  `^(?:${COMPOUND_FIRST}) (?:date|time|day|number|text|link|url|email|count|flag)$`,
);

const PHRASES = new Map<string, FieldKind>([
  ["whole number", "integer"],
  ["date and time", "datetime"],
  ["date time", "datetime"],
  ["date-time", "datetime"],
  ["long text", "text"],
  ["short text", "string"],
  ["rich text", "text"],
  ["free text", "text"],
  ["email address", "email"],
  ["true false", "boolean"],
  ["yes no", "boolean"],
  ["double precision", "float"],
  ["floating point", "float"],
  ["decimal number", "decimal"],
]);

const BY_NAME: readonly (readonly [RegExp, FieldKind])[] = [
  [/(^|_)e_?mail(_address)?$/, "email"],
  [/(^|_)(url|uri|link|website|homepage)$/, "url"],
  [/^(is|has|can|should|was)_/, "boolean"],
  [
    /^(done|completed|active|enabled|archived|published|paid|available|in_stock|verified|finished|read|visible|public|private|urgent|featured|approved|deleted|closed|favou?rite|vaccinated|confirmed)$/,
    "boolean",
  ],
  [/_(at|time)$/, "datetime"],
  [/^(prep|preparation|cook|cooking|reading|travel|baking)_time$/, "integer"],
  [/^(time|timestamp|datetime)$/, "datetime"],
  [/^date_of_|(^|_)(date|day|deadline|birthday|dob)$/, "date"],
  [/_(on|until|since)$/, "date"],
  [
    /(^|_)(price|cost|amount|total|subtotal|balance|salary|fee|tax|discount|budget|revenue|fare|rent|wage|deposit)$/,
    "decimal",
  ],
  [
    /(^|_)(count|quantity|qty|stock|age|year|pages|page_count|number_of_[a-z_]+|position|rank|priority|capacity|duration|minutes|hours|seconds|days|points|likes|views|floor|seats|servings|calories|level|rooms|bedrooms|bathrooms|mileage|credits|attendees|copies|goals|population|score|stars|rating)$/,
    "integer",
  ],
  [
    /(^|_)(weight|height|width|length|depth|latitude|longitude|lat|lng|lon|distance|temperature|percent|percentage|ratio|speed|area|volume)$/,
    "float",
  ],
  [
    /(^|_)(description|body|content|contents|text|notes?|bio|biography|summary|comment|message|details|remarks|instructions|steps|excerpt|abstract|review|transcript|reason|answer)$/,
    "text",
  ],
  [/^(metadata|settings|preferences|options|config|payload|attributes|extra)$/, "json"],
  [/^(tags|keywords|labels|ingredients|aliases|hashtags|interests)$/, "list"],
];

/** The kind a type word means, as in `pages int`. */
export function kindOfTypeWord(word: string): FieldKind | undefined {
  return Object.hasOwn(TYPE_WORDS, word) ? TYPE_WORDS[word] : undefined;
}

/** Whether a type word may stand before the name. */
export function leadsName(word: string): boolean {
  return LEADING.has(word);
}

/** Two words such as `due date` that are one name although the second is a type word. */
export function isCompoundName(first: string, second: string): boolean {
  return COMPOUND.test(`${first} ${second}`);
}

/** A type of several words at the beginning of `words`: how many words it takes and what it means. */
export function kindOfPhrase(words: readonly string[]): { length: number; kind: FieldKind } | undefined {
  const [first, second] = words;
  const kind = first === undefined || second === undefined ? undefined : PHRASES.get(`${first} ${second}`);
  return kind === undefined ? undefined : { length: 2, kind };
}

/** The kind a snake_case field name suggests where no type was given. */
export function kindOfName(column: string): FieldKind {
  if (/^(prep|preparation|cook|cooking|reading|travel|baking)_time$/.test(column)) return "integer";
  return BY_NAME.find(([pattern]) => pattern.test(column))?.[1] ?? "string";
}
