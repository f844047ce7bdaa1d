const REPLACEMENT = "\uFFFD";
const UNSTORABLE = /\u0000|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;
const ENDS_IN_HALF_A_PAIR = /[\uD800-\uDBFF]$/;

/** The beginning of a text, never with half a surrogate pair at its end. */
export function cutText(text: string, length: number): string {
  return text.slice(0, length).replace(ENDS_IN_HALF_A_PAIR, "");
}

/**
 * Puts characters together that were split between two chunks, and replaces what neither UTF-8 nor Postgres
 * can hold (NUL, half a surrogate pair) with U+FFFD.
 */
export function createTextJoiner() {
  let half = "";
  let replaced = false;

  function clean(text: string): string {
    const cleaned = text.replace(UNSTORABLE, REPLACEMENT);
    if (cleaned !== text) replaced = true;
    return cleaned;
  }

  return {
    push(chunk: string): string {
      const text = half + chunk;
      half = ENDS_IN_HALF_A_PAIR.test(text) ? text.slice(-1) : "";
      return clean(half === "" ? text : text.slice(0, -1));
    },
    /** What was held back at the end of the stream. */
    end(): string {
      const rest = clean(half);
      half = "";
      return rest;
    },
    /** Whether anything had to be replaced so far. */
    hasReplaced: () => replaced,
  };
}
