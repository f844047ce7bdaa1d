import { createRequire } from "node:module";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/**
 * Loads a package from a peer's own folder, CommonJS or ESM.
 *
 * @returns what it exports, to be described by the caller: the compiler doesn't see it
 */
export async function importPeer(directory: string, specifier: string): Promise<unknown> {
  const path = createRequire(join(directory, "package.json")).resolve(specifier);
  return import(pathToFileURL(path).href);
}
