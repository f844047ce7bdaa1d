const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const HALF_AT_END = /[\uD800-\uDBFF]$/;

/** Replaces what neither UTF-8 nor jsonb can hold: NUL and halves of surrogate pairs. */
export function toStorable(text: string): string {
  return text.replace(UNSTORABLE, "\uFFFD");
}

/** Splits off a half pair at the end, whose other half may come with the next piece. */
export function splitHalfPair(text: string): readonly [whole: string, half: string] {
  return HALF_AT_END.test(text) ? [text.slice(0, -1), text.slice(-1)] : [text, ""];
}

/** Cuts text into pieces of at most `size` UTF-16 units, never within a pair. */
export function cutText(text: string, size: number): readonly string[] {
  const pieces: string[] = [];
  for (let rest = text; rest.length > 0;) {
    const [piece] = splitHalfPair(rest.slice(0, size));
    pieces.push(piece);
    rest = rest.slice(piece.length);
  }
  return pieces;
}
