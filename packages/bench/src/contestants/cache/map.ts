import type { Entry } from "../../workload/entry";
import type { OpenCache } from "./cache-contestant";

/** The limit: no expiry, no bound, no other process. */
export const openMap: OpenCache = (_setup, source) => {
  const entries = new Map<string, Entry>();
  const load = async (name: string): Promise<Entry> => {
    const entry = await source.load(name);
    entries.set(name, entry);
    return entry;
  };
  return Promise.resolve({
    read: (name) => entries.get(name) ?? load(name),
    invalidateKeys(names) {
      for (const name of names) entries.delete(name);
      return Promise.resolve();
    },
    invalidateTag: () => Promise.reject(new Error("a Map has no tags")),
    close: () => Promise.resolve(),
  });
};
