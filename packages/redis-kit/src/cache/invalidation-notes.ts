import type { Invalidation } from "../journal/trust";

const maxPrefixes = 100;

/**
 * What this process knows to be invalidated, as a sequence: whatever was read or loaded before a note on
 * it is out of date, wherever it is kept meanwhile.
 */
export interface InvalidationNotes {
  /** Take it before a read or a load begins. */
  now(): number;
  note(what: Omit<Invalidation, "hashes">): void;
  /** Something may have been missed: everything from before counts as invalidated. */
  noteAll(): void;
  /** Is what was begun at `since` untouched by every note after that? */
  isCurrent(since: number, name: string, tags: readonly string[]): boolean;
}

/** @param maxNotes keys and tags remembered one by one; beyond them everything from before counts as invalidated */
export function createInvalidationNotes(maxNotes = 20_000): InvalidationNotes {
  let sequence = 0;
  /** What began before this is out of date, whatever it is. */
  let floor = 0;
  const keys = new Map<string, number>();
  const tags = new Map<string, number>();
  const prefixes = new Map<string, number>();

  function noteAll(): void {
    sequence += 1;
    floor = sequence;
    keys.clear();
    tags.clear();
    prefixes.clear();
  }

  return {
    now: () => sequence,
    note(what) {
      sequence += 1;
      for (const key of what.keys ?? []) keys.set(key, sequence);
      for (const tag of what.tags ?? []) tags.set(tag, sequence);
      for (const prefix of what.prefixes ?? []) prefixes.set(prefix, sequence);
      if (keys.size + tags.size > maxNotes || prefixes.size > maxPrefixes) noteAll();
    },
    noteAll,
    isCurrent(since, name, carried) {
      if (since === sequence) return true;
      if (since < floor || since < (keys.get(name) ?? 0)) return false;
      for (const tag of carried) if (since < (tags.get(tag) ?? 0)) return false;
      for (const [prefix, at] of prefixes) if (since < at && name.startsWith(prefix)) return false;
      return true;
    },
  };
}
