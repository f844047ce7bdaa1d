import * as babel from "prettier/plugins/babel";
import * as estree from "prettier/plugins/estree";
import { format } from "prettier/standalone";

/** Lays TypeScript out as Prettier does. Rejects what isn't TypeScript. */
export function formatCode(source: string): Promise<string> {
  return format(source, { parser: "babel-ts", plugins: [babel, estree], printWidth: 100 });
}
