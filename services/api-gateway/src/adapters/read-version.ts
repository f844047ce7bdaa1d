import { readFileSync } from "node:fs";
import { join } from "node:path";

/** The product's version, from the package beside `src` and `dist`. */
export function readVersion(): string {
  const text = readFileSync(join(__dirname, "../../package.json"), "utf8");
  return (JSON.parse(text) as { version: string }).version;
}
