import { z } from "zod";
import type { JournalEntry } from "./journal-store";
import type { Invalidation } from "./trust";

const names = z.array(z.string());
const payloads: Readonly<Record<string, z.ZodType<Invalidation>>> = {
  "session.revoked": z.object({ hashes: names }),
  "cache.invalidated": z
    .object({ keys: names.exactOptional(), tags: names.exactOptional(), prefixes: names.exactOptional() })
    .refine((what) => what.keys !== undefined || what.tags !== undefined || what.prefixes !== undefined),
};

/** What a row says has to go; undefined for a kind or a payload that this version doesn't know. */
export function readInvalidation({
  kind,
  payload,
}: Pick<JournalEntry, "kind" | "payload">): Invalidation | undefined {
  return payloads[kind]?.safeParse(payload).data;
}
