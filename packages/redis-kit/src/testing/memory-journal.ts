import type { JournalEntry, JournalNote, JournalStore } from "../journal/journal-store";

/** A journal in memory. */
export interface MemoryJournal extends JournalStore {
  /** Rows that Redis has not been told of yet. */
  open(): readonly JournalEntry[];
}

/** Rows under way in one drain are skipped by another, as with SKIP LOCKED. */
export function createMemoryJournal(): MemoryJournal {
  const rows = new Map<string, JournalEntry>();
  const locked = new Set<string>();
  let lastId = 0;
  return {
    append(note: JournalNote, payload: unknown) {
      lastId += 1;
      rows.set(String(lastId), { id: String(lastId), role: note.role, kind: note.kind, payload });
      return Promise.resolve();
    },
    async drain({ role, limit }, apply) {
      const batch = [...rows.values()]
        .filter((row) => row.role === role && !locked.has(row.id))
        .slice(0, limit);
      if (batch.length === 0) return 0;
      for (const row of batch) locked.add(row.id);
      try {
        await apply(batch);
        for (const row of batch) rows.delete(row.id);
      } finally {
        for (const row of batch) locked.delete(row.id);
      }
      return batch.length;
    },
    open: () => [...rows.values()],
  };
}
