import { setImmediate } from "node:timers/promises";
import { makeEntry } from "./entry";
import type { Entry } from "./entry";

/** How many tags an entry has, or which share of entries has one tag. */
export type Tagging =
  | { readonly kind: "count"; readonly count: number }
  /** every tenth entry carries "hot", all others "cold" */
  | { readonly kind: "tenth" };

/** The truth behind every cache: it knows each entry's version, and counts how often it is asked. */
export interface Source {
  load(name: string): Promise<Entry>;
  tagsOf(name: string): readonly string[];
}

export interface CountingSource extends Source {
  readonly names: readonly string[];
  versionOf(name: string): number;
  /** These entries have changed: whoever still gives the old version is wrong. */
  change(names: readonly string[]): void;
  loads(): number;
  loadsOf(name: string): number;
  setLoadMs(loadMs: number): void;
}

export const hotTag = "hot";

/** @param keyCount entries `entry:0`, `entry:1`, …; a thousand fit any memory tier */
export function createSource(keyCount: number, tagging: Tagging): CountingSource {
  const names = Array.from({ length: keyCount }, (_, index) => `entry:${index}`);
  const tags = new Map(names.map((name, index) => [name, listTags(tagging, index)]));
  const versions = new Map<string, number>();
  const versionOf = (name: string): number => versions.get(name) ?? 1;
  const loadsByName = new Map<string, number>();
  const loadsOf = (name: string): number => loadsByName.get(name) ?? 0;
  let loads = 0;
  let loadMs = 0;
  return {
    names,
    versionOf,
    async load(name) {
      loads += 1;
      loadsByName.set(name, loadsOf(name) + 1);
      const version = versionOf(name);
      // A source is never without input and output: a loop of misses that never waits would keep all timers from running.
      await (loadMs > 0 ? new Promise((resolve) => setTimeout(resolve, loadMs)) : setImmediate());
      return makeEntry(name, version);
    },
    tagsOf: (name) => tags.get(name) ?? [],
    change(changed) {
      for (const name of changed) versions.set(name, versionOf(name) + 1);
    },
    loads: () => loads,
    loadsOf,
    setLoadMs(next) {
      loadMs = next;
    },
  };
}

/** Tags are shared, as in life: twenty different ones at each place. */
function listTags(tagging: Tagging, index: number): readonly string[] {
  if (tagging.kind === "tenth") return [index % 10 === 0 ? hotTag : "cold"];
  return Array.from({ length: tagging.count }, (_, place) => `tag${place}-${(index + place) % 20}`);
}
