import type { Invalidation } from "./trust";

/** What some deletions touch, to be asked at every read. */
export interface SubjectIndex {
  touches(subject: Invalidation): boolean;
}

/** @param deletions undefined among them is one that can't be read: it may touch anything */
export function indexSubjects(deletions: Iterable<Invalidation | undefined>): SubjectIndex {
  const hashes = new Set<string>();
  const keys = new Set<string>();
  const tags = new Set<string>();
  const prefixes = new Set<string>();
  let everything = false;
  for (const what of deletions) {
    if (what === undefined) everything = true;
    for (const hash of what?.hashes ?? []) hashes.add(hash);
    for (const key of what?.keys ?? []) keys.add(key);
    for (const tag of what?.tags ?? []) tags.add(tag);
    for (const prefix of what?.prefixes ?? []) prefixes.add(prefix);
  }
  const size = hashes.size + keys.size + tags.size + prefixes.size;

  function startsWithOne(key: string): boolean {
    for (const prefix of prefixes) if (key.startsWith(prefix)) return true;
    return false;
  }

  function overlaps(prefix: string): boolean {
    for (const key of keys) if (key.startsWith(prefix)) return true;
    for (const other of prefixes) if (other.startsWith(prefix) || prefix.startsWith(other)) return true;
    return false;
  }

  return {
    touches(subject) {
      if (everything) return true;
      if (size === 0) return false;
      return (
        (subject.hashes?.some((hash) => hashes.has(hash)) ?? false) ||
        (subject.tags?.some((tag) => tags.has(tag)) ?? false) ||
        (subject.keys?.some((key) => keys.has(key) || startsWithOne(key)) ?? false) ||
        (subject.prefixes?.some(overlaps) ?? false)
      );
    },
  };
}
