import { toRedisFault } from "../errors";
import type { RedisFaultCode } from "../errors";

/** One part of an inspection: what was seen, or why it wasn't; the other parts stand on their own. */
export type Seen<T> =
  | { readonly kind: "seen"; readonly value: T }
  /** This user may not ask; `right` is what its ACL would need. */
  | { readonly kind: "denied"; readonly right: string }
  | { readonly kind: "unavailable"; readonly code: RedisFaultCode; readonly message: string }
  /** It was not asked for. */
  | { readonly kind: "skipped" };

/** Says how a look went; never rejects. */
export async function look<T>(right: string, question: () => Promise<T>): Promise<Seen<T>> {
  try {
    return { kind: "seen", value: await question() };
  } catch (error) {
    const fault = toRedisFault(error);
    if (isDenied(fault.message)) return { kind: "denied", right };
    return { kind: "unavailable", code: fault.code, message: fault.message };
  }
}

/** Does the server know the command but not let this user run it? */
export function isDenied(message: string): boolean {
  return message.startsWith("NOPERM");
}
