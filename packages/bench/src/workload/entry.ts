import { isDeepStrictEqual } from "node:util";
import { z } from "zod";

/** What every cache holds here: about 1 KB of JSON. */
export const entrySchema = z.object({
  name: z.string(),
  version: z.number(),
  email: z.string(),
  active: z.boolean(),
  permissions: z.array(z.string()),
  profile: z.object({ title: z.string(), about: z.string() }),
});

export type Entry = z.infer<typeof entrySchema>;

const about = "Redis makes it fast, Postgres makes it true. ".repeat(17);

/** Each name and version has exactly one right value. */
export function makeEntry(name: string, version: number): Entry {
  return {
    name,
    version,
    email: `${name}@example.org`,
    active: true,
    permissions: ["generation:read", "generation:create", "generation:cancel", "settings:read", "users:read"],
    profile: { title: `Entry ${name} in version ${version}`, about },
  };
}

/** Cheap enough for every read of a measurement: what differs between any two entries. */
export function isEntry(value: Entry | undefined, name: string, version: number): boolean {
  return value?.name === name && value.version === version && value.profile.about.length === about.length;
}

/** Everything, in whatever order; for samples. */
export function isWholeEntry(value: Entry, name: string, version: number): boolean {
  return isDeepStrictEqual({ ...value }, makeEntry(name, version));
}
