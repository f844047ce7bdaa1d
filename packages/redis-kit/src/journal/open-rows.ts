import type { SeenEntry } from "./journal-store";
import { readInvalidation } from "./read-invalidation";
import { indexSubjects } from "./subject-index";
import type { Invalidation } from "./trust";

/** A row that this process told Redis of is its own business for so long; still open then, it counts again. Milliseconds. */
const settleWithinMs = 2000;

/** What one process knows of one role's rows. Times are of one monotonic clock, in milliseconds. */
export interface OpenRows {
  /** Does a row that Redis isn't known to have taken touch this? */
  touch(subject: Invalidation): boolean;
  /** Is there one that somebody should drain? */
  any(): boolean;
  /** A row of this process's making, that no look has shown yet. @returns false if its end was seen already */
  expect(id: string, what: Invalidation, atMs: number): boolean;
  /** This process told Redis. */
  settle(id: string, atMs: number): void;
  /** Another server answers: what this process told the one before counts no more. */
  unsettle(): void;
  /** @returns the rows that are new to this process; undefined for one that can't be read */
  take(rows: readonly SeenEntry[], startedAtMs: number): (Invalidation | undefined)[];
}

/** Knows of none at first. */
export function createOpenRows(): OpenRows {
  let seen = new Map<string, { what: Invalidation | undefined; open: boolean }>();
  const expected = new Map<string, { what: Invalidation; atMs: number }>();
  const settled = new Map<string, number>();
  let index = indexSubjects([]);

  function rebuild(): void {
    const open: (Invalidation | undefined)[] = [];
    for (const [id, row] of seen) if (row.open && !settled.has(id)) open.push(row.what);
    for (const [id, { what }] of expected) if (!seen.has(id) && !settled.has(id)) open.push(what);
    index = indexSubjects(open);
  }

  return {
    touch: (subject) => index.touches(subject),
    any() {
      for (const row of seen.values()) if (row.open) return true;
      return expected.size > 0;
    },
    expect(id, what, atMs) {
      if (seen.get(id)?.open === false) return false;
      expected.set(id, { what, atMs });
      rebuild();
      return true;
    },
    settle(id, atMs) {
      settled.set(id, atMs);
      rebuild();
    },
    unsettle() {
      settled.clear();
      rebuild();
    },
    take(rows, startedAtMs) {
      const before = seen;
      const fresh: (Invalidation | undefined)[] = [];
      seen = new Map();
      for (const row of rows) {
        const known = before.get(row.id);
        const what = known === undefined ? readInvalidation(row) : known.what;
        seen.set(row.id, { what, open: row.open });
        if (known === undefined && !expected.has(row.id)) fresh.push(what);
      }
      for (const [id, { atMs }] of expected) {
        // Not even among those taken lately: taken long ago, or its transaction was rolled back.
        if (seen.get(id)?.open === false || (!seen.has(id) && atMs < startedAtMs)) expected.delete(id);
      }
      for (const [id, atMs] of settled) {
        const isDone = seen.get(id)?.open !== true && !expected.has(id);
        if (isDone || startedAtMs - atMs > settleWithinMs) settled.delete(id);
      }
      rebuild();
      return fresh;
    },
  };
}
