import { z } from "zod";

/** Ids are UUIDv7 (RFC 9562): they sort by the time they were made. */
export const idSchema = z.uuidv7().meta({ id: "Id", description: "UUIDv7 (RFC 9562)" });

/** Times cross the border as ISO-8601 in UTC. */
export const timeSchema = z.iso.datetime().meta({ id: "Time", description: "ISO-8601, UTC" });

/** `?limit=` and `?cursor=` of every list. */
export const pageQuerySchema = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(20),
  cursor: z.string().min(1).max(200).optional(),
});

/** A page of a list: `nextCursor` is null on the last one. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.strictObject({ items: z.array(item), nextCursor: z.string().nullable() });
}

export interface Page<T> {
  readonly items: readonly T[];
  readonly nextCursor: string | null;
}
