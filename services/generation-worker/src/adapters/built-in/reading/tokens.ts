/**
 * `word` holds letters, digits, `_` and inner hyphens; `text` holds what stood between quotes; `mark` is one
 * punctuation character; `break` ends a line.
 */
export interface Token {
  readonly kind: "word" | "number" | "text" | "mark" | "break";
  readonly value: string;
  /** `value` in lower case. */
  readonly lower: string;
  readonly start: number;
  readonly end: number;
  /** Index of the matching bracket, for a bracket that has one. */
  readonly partner?: number;
}

type Draft = { -readonly [Key in keyof Token]: Token[Key] };

const PATTERN =
  /(?<word>\d{0,9}[\p{L}_][\p{L}\p{N}\p{M}_]*(?:[-'’](?=[\p{L}])[\p{L}\p{N}\p{M}_]+)*)|(?<number>(?:(?<![\p{L}\p{N}])[-+])?\d{1,15}(?:\.\d{1,10})?)|"(?<double>[^"\n]{0,200})"|“(?<curly>[^”\n]{0,200})”|(?<=^|[\s(=:,|/])'(?<single>[^'\n]{0,200})'|(?<break>\n)|(?<mark>[^\s])/gu;
const ABBREVIATIONS = /\b(?:e\.g\.|i\.e\.|etc\.|vs\.|incl\.)/gi;
const CLOSES: Readonly<Record<string, string>> = { ")": "(", "]": "[", "}": "{" };

/** Cuts `text` into tokens in one pass. Never fails: what it doesn't know is a `mark`. */
export function tokenize(text: string): Token[] {
  const clean = text
    .replace(ABBREVIATIONS, (found) => " ".repeat(found.length))
    .replace(/\*\*|__|`/g, (found) => " ".repeat(found.length))
    .replace(/\r/g, "\n");
  const tokens: Draft[] = [];
  for (const match of clean.matchAll(PATTERN)) {
    const groups = match.groups ?? {};
    const quoted = groups["double"] ?? groups["curly"] ?? groups["single"];
    const kind = quoted !== undefined ? "text" : kindOf(groups);
    const value = quoted ?? (kind === "word" ? match[0].replace(/['’]s?$|['’]s(?=-|$)/u, "") : match[0]);
    tokens.push({
      kind,
      value,
      lower: value.toLowerCase(),
      start: match.index,
      end: match.index + match[0].length,
    });
  }
  pairBrackets(tokens);
  return tokens;
}

function kindOf(groups: Record<string, string | undefined>): Token["kind"] {
  if (groups["word"] !== undefined) return "word";
  if (groups["number"] !== undefined) return "number";
  return groups["break"] !== undefined ? "break" : "mark";
}

function pairBrackets(tokens: Draft[]): void {
  const open: number[] = [];
  tokens.forEach((token, index) => {
    if (token.kind !== "mark") return;
    if (token.value === "(" || token.value === "[" || token.value === "{") open.push(index);
    const opener = CLOSES[token.value];
    if (opener === undefined) return;
    const last = open.at(-1);
    if (last === undefined || tokens[last]?.value !== opener) return;
    open.pop();
    tokens[last].partner = index;
    token.partner = last;
  });
}
