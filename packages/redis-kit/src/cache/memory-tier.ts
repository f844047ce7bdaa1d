import type { ZodType } from "zod";
import type { KitMetrics } from "../metrics";
import type { CacheAnswer } from "./cache-types";
import { deepFreeze } from "./deep-freeze";
import type { InvalidationNotes } from "./invalidation-notes";

/** What a value takes beside its text: the entry, its name, its answer; bytes. */
const overheadBytes = 600;
/** Objects take about this many times the characters of their JSON. */
const bytesPerCharacter = 4;

/** A value to be kept in memory. */
export interface Keepable<T> {
  readonly value: T;
  readonly schema: ZodType<T>;
  /** those it was read with */
  readonly tags: readonly string[];
  /** those it depends on; may be more */
  readonly carried: readonly string[];
  /** characters of its JSON */
  readonly length: number;
  /** of the notes, from before its read or load began */
  readonly since: number;
  readonly readAtMs: number;
  readonly storedAtMs: number;
  readonly freshUntilMs: number;
  /** undefined: it never was in Redis */
  readonly epoch: number | undefined;
}

/** A value in memory. */
export interface Kept<T> extends Keepable<T> {
  /** the same for everybody, so that a hit makes nothing new */
  readonly answer: Promise<CacheAnswer<T>>;
  readonly servedUntilMs: number;
}

/** Parsed, frozen values of one process, bounded by bytes. */
export interface MemoryTier {
  /** Never one that was invalidated since, or that another schema or other tags were asked for. */
  find<T>(name: string, schema: ZodType<T>, tags: readonly string[]): Kept<T> | undefined;
  put<T>(name: string, keepable: Keepable<T>): void;
  clear(): void;
  readonly sizeBytes: number;
}

interface Entry extends Kept<unknown> {
  readonly sizeBytes: number;
  /** the notes have been looked through up to here */
  checkedAt: number;
  used: boolean;
}

/** What a memory tier is made of. */
export interface MemoryTierParts {
  readonly maxBytes: number;
  readonly ttlMs: number;
  readonly notes: InvalidationNotes;
  readonly metrics: KitMetrics;
}

/** Over its bounds, values go in the order they came, but those used since get a second chance. */
export function createMemoryTier({ maxBytes, ttlMs, notes, metrics }: MemoryTierParts): MemoryTier {
  const entries = new Map<string, Entry>();
  let sizeBytes = 0;

  function drop(name: string, entry: Entry): void {
    entries.delete(name);
    sizeBytes -= entry.sizeBytes;
  }

  function report(): void {
    metrics.set("redis_cache_memory_bytes", {}, sizeBytes);
    metrics.set("redis_cache_memory_entries", {}, entries.size);
  }

  function makeRoom(): void {
    for (const [name, entry] of entries) {
      if (sizeBytes <= maxBytes) return;
      drop(name, entry);
      if (!entry.used) continue;
      entry.used = false;
      entries.set(name, entry);
      sizeBytes += entry.sizeBytes;
    }
  }

  return {
    find<T>(name: string, schema: ZodType<T>, tags: readonly string[]) {
      const entry = entries.get(name);
      if (entry === undefined || entry.schema !== schema || !isSame(entry.tags, tags)) return undefined;
      const now = notes.now();
      if (entry.checkedAt !== now) {
        if (!notes.isCurrent(entry.since, name, entry.carried)) {
          drop(name, entry);
          report();
          return undefined;
        }
        entry.checkedAt = now;
      }
      entry.used = true;
      return entry as unknown as Kept<T>;
    },

    put(name, keepable) {
      const size = overheadBytes + keepable.length * bytesPerCharacter + name.length * 2;
      const known = entries.get(name);
      if (known !== undefined) drop(name, known);
      // One value must not push all others out.
      if (size <= maxBytes / 4 && notes.isCurrent(keepable.since, name, keepable.carried)) {
        const value: unknown = deepFreeze(keepable.value);
        const answer = Object.freeze({ kind: "ok", value, from: "memory", stale: false } as const);
        entries.set(name, {
          ...(keepable as unknown as Keepable<unknown>),
          value,
          answer: Promise.resolve(answer),
          servedUntilMs: Math.min(keepable.readAtMs + ttlMs, keepable.freshUntilMs),
          sizeBytes: size,
          checkedAt: notes.now(),
          used: false,
        });
        sizeBytes += size;
        makeRoom();
      }
      report();
    },

    clear() {
      entries.clear();
      sizeBytes = 0;
      report();
    },

    get sizeBytes() {
      return sizeBytes;
    },
  };
}

function isSame(some: readonly string[], others: readonly string[]): boolean {
  return (
    some === others || (some.length === others.length && some.every((tag, place) => tag === others[place]))
  );
}
