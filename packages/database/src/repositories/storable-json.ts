// NUL, and halves of surrogate pairs that a cut in the middle of a character leaves: jsonb refuses both.
const unstorable = /[\0\p{Surrogate}]/gu;

/** JSON that Postgres can store: characters it refuses become U+FFFD, so that one text can't spoil a whole batch. */
export function toStorableJson(value: unknown): string {
  return JSON.stringify(value, (_key, part: unknown) =>
    typeof part === "string" ? part.replace(unstorable, "\uFFFD") : part,
  );
}
