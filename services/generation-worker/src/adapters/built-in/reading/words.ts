import pluralize from "pluralize";

const MAX_NAME_LENGTH = 30;
const MAX_WORDS = 4;

/** Nouns that end like a plural, or whose plural rule misleads. */
const SINGULAR_NOUNS = new Set([
  ...["status", "address", "class", "process", "business", "access", "progress", "bonus", "campus", "virus"],
  ...["analysis", "basis", "series", "species", "news", "gas", "bus", "lens", "canvas", "alias", "atlas"],
  ...["focus", "success", "boss", "glass", "dress", "mass", "pass", "census", "corpus", "bias", "chess"],
  ...["is", "has", "was", "this", "its", "https", "css", "dns", "gps", "sms", "axis", "diagnosis", "kudos"],
]);

/** Each look-up tries a hundred patterns, and a text repeats its nouns. */
const MAX_REMEMBERED = 2_000;
const remembered = new Map<string, string>();

export function isPlural(word: string): boolean {
  const lower = word.toLowerCase();
  return singular(lower) !== lower && pluralize.isPlural(lower);
}

/** The singular of a noun, in lower case. */
export function singular(word: string): string {
  const lower = word.toLowerCase();
  if (SINGULAR_NOUNS.has(lower)) return lower;
  const known = remembered.get(lower);
  if (known !== undefined) return known;
  const found = pluralize.singular(lower);
  if (remembered.size >= MAX_REMEMBERED) remembered.clear();
  remembered.set(lower, found);
  return found;
}

export function plural(word: string): string {
  const lower = word.toLowerCase();
  if (lower === "status") return "statuses";
  return pluralize.plural(lower);
}

/**
 * The lower-case ASCII words in a name, whichever way it is written: `dueDate`, `due_date`, `Due date`,
 * `due-date`. Accents are folded; other scripts yield no word. At most 4 words and 30 characters.
 */
export function wordsOf(name: string): string[] {
  const words = name
    .slice(0, 200)
    .replaceAll("ß", "ss")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .replace(/([a-z0-9])([A-Z])/g, "$1 $2")
    .replace(/([A-Z]+)([A-Z][a-z])/g, "$1 $2")
    .toLowerCase()
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "");
  const kept: string[] = [];
  let length = 0;
  for (const word of words.slice(0, MAX_WORDS)) {
    const room = MAX_NAME_LENGTH - length;
    if (room <= 0) break;
    kept.push(word.slice(0, room));
    length += word.length;
  }
  const [first] = kept;
  if (first !== undefined && /^\d/.test(first)) kept[0] = `n${first}`.slice(0, MAX_NAME_LENGTH);
  return kept;
}

export function camelCase(words: readonly string[]): string {
  return words.map((word, index) => (index === 0 ? word : capitalize(word))).join("");
}

export function pascalCase(words: readonly string[]): string {
  return words.map(capitalize).join("");
}

export function capitalize(word: string): string {
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** `a` or `an`, with the words. */
export function withArticle(label: string): string {
  const an = /^(?:[aeio]|u(?!ni|se|sa|ti|r[il]))/.test(label);
  return `${an ? "an" : "a"} ${label}`;
}

/** Joins as people do: `a, b and c`. */
export function sentenceList(items: readonly string[]): string {
  if (items.length < 2) return items.join("");
  return `${items.slice(0, -1).join(", ")} and ${items.at(-1) ?? ""}`;
}
