import { InvalidCursor } from "../errors";

/** Where a newest-first list goes on: time in microseconds since 1970 (as text, beyond a double's reach) and id. */
export interface ListPosition {
  readonly micros: string;
  readonly id: string;
}

/** SQL for the time of a position; times have microseconds, a Date only milliseconds. */
export function microsOf(column: string): string {
  return `(extract(epoch from ${column}) * 1000000)::bigint::text`;
}

export function encodeCursor(position: ListPosition): string {
  return Buffer.from(`${position.micros}.${position.id}`).toString("base64url");
}

/** @throws {InvalidCursor} */
export function parseCursor(cursor: string): ListPosition {
  const match = /^(\d{1,18})\.([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/.exec(
    Buffer.from(cursor, "base64url").toString("latin1"),
  );
  const [, micros, id] = match ?? [];
  if (micros === undefined || id === undefined) throw new InvalidCursor("the cursor is not one of this list");
  return { micros, id };
}

/** SQL: true for what comes after the position given by the parameters `first` (micros) and `first + 1` (id). */
export function isAfterPosition(alias: string, first: number): string {
  const time = `timestamptz 'epoch' + $${first}::bigint * interval '1 microsecond'`;
  return `(${alias}.created_at, ${alias}.id) < (${time}, $${first + 1}::uuid)`;
}
