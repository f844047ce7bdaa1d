import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { checkoutRoot } from "@vibe-friend/local-stack/checkout";

/**
 * Parts of a built service: services have no public files, so they are loaded by path.
 *
 * @param files below the service's `dist`, without ending
 * @returns what all of them export, to be described by the caller: the compiler doesn't see it
 */
export async function loadService(service: string, files: readonly string[]): Promise<unknown> {
  const modules = await Promise.all(
    files.map(async (file) => {
      const path = join(checkoutRoot, "services", service, "dist", `${file}.js`);
      return (await import(pathToFileURL(path).href)) as object;
    }),
  );
  return Object.assign({}, ...modules);
}
