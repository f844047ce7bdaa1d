import { parseArgs } from "node:util";

export interface DrillOptions {
  /** Run only this fault, or only the overload steps. */
  readonly only?: string;
  /** Where every row goes as JSON. */
  readonly json?: string;
  /** Where the headline goes as Markdown; in a file with the two marks only between them. */
  readonly markdown?: string;
  /** Short windows: shows that it holds, says little about speed. */
  readonly quick: boolean;
  /** Of every random choice. */
  readonly seed: number;
}

const text = { type: "string" } as const;

/**
 * @param names what `--only` may name
 * @throws {Error} with one line that says what was wrong
 */
export function parseDrillOptions(args: readonly string[], names: readonly string[]): DrillOptions {
  const usage = "options: --quick, --only FAULT, --json FILE, --markdown FILE, --seed N";
  const { only, json, markdown, quick, seed = "1" } = parseFlags(args, usage);
  if (only !== undefined && !names.includes(only)) {
    throw new Error(`--only is ${JSON.stringify(only)}; allowed is one of ${names.join(", ")}`);
  }
  for (const [name, value] of Object.entries({ json, markdown })) {
    if (value === "") throw new Error(`--${name} needs the name of a file; ${usage}`);
  }
  if (!/^\d{1,9}$/.test(seed)) {
    throw new Error(`--seed is ${JSON.stringify(seed)}; allowed is a whole number up to 999999999`);
  }
  return {
    quick: quick === true,
    seed: Number(seed),
    ...(only === undefined ? {} : { only }),
    ...(json === undefined ? {} : { json }),
    ...(markdown === undefined ? {} : { markdown }),
  };
}

function parseFlags(args: readonly string[], usage: string) {
  const options = { only: text, json: text, markdown: text, seed: text, quick: { type: "boolean" } } as const;
  try {
    return parseArgs({ args: [...args], options }).values;
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/, 1);
    throw new Error(`${reason}; ${usage}`, { cause: error });
  }
}
