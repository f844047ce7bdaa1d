import { NetworkError } from "./network-error";

interface Issue {
  readonly code: string;
  readonly path: readonly PropertyKey[];
  readonly keys?: readonly string[];
}

/** The part of a zod schema that reading an answer needs. */
export interface AnswerSchema<T> {
  safeParse(value: unknown): { success: true; data: T } | { success: false; error: { issues: unknown } };
}

/**
 * Reads what the server sent. Fields that this client doesn't know are dropped, so that a newer server can
 * add some; anything else that doesn't fit is a `NetworkError`.
 */
export function parseAnswer<T>(schema: AnswerSchema<T>, value: unknown): T {
  const strict = schema.safeParse(value);
  if (strict.success) return strict.data;
  const copy = structuredClone(value);
  for (const issue of strict.error.issues as Issue[]) {
    if (issue.code === "unrecognized_keys") dropKeys(copy, issue);
  }
  const loose = schema.safeParse(copy);
  if (loose.success) return loose.data;
  throw new NetworkError("The server's answer is not what this client expects", { cause: loose.error });
}

function dropKeys(root: unknown, issue: Issue): void {
  let target = root;
  for (const step of issue.path) target = (target as Record<PropertyKey, unknown>)[step];
  for (const key of issue.keys ?? []) Reflect.deleteProperty(target as object, key);
}
