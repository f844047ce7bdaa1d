import { parseArgs } from "node:util";

export interface BenchOptions {
  /** run only this benchmark */
  readonly only?: string;
  /** where the figures go as JSON */
  readonly json?: string;
  /** few short rounds: shows that it works, says little about speed */
  readonly quick: boolean;
  readonly seed: number;
}

/** @throws {Error} with one line that says what was wrong */
export function parseBenchOptions(args: readonly string[], names: readonly string[]): BenchOptions {
  const usage = `options: --json FILE, --only ${names.join("|")}, --quick, --seed N`;
  const { only, json, quick, seed = "1" } = parseFlags(args, usage);
  if (only !== undefined && !names.includes(only)) {
    throw new Error(`--only is ${JSON.stringify(only)}; allowed is one of ${names.join(", ")}`);
  }
  if (json === "") throw new Error(`--json needs the name of a file; ${usage}`);
  if (!/^\d{1,9}$/.test(seed)) {
    throw new Error(`--seed is ${JSON.stringify(seed)}; allowed is a whole number up to 999999999`);
  }
  return {
    quick: quick === true,
    seed: Number(seed),
    ...(only === undefined ? {} : { only }),
    ...(json === undefined ? {} : { json }),
  };
}

function parseFlags(args: readonly string[], usage: string) {
  const text = { type: "string" } as const;
  try {
    return parseArgs({
      args: [...args],
      options: { only: text, json: text, seed: text, quick: { type: "boolean" } },
    }).values;
  } catch (error) {
    const [reason = ""] = (error instanceof Error ? error.message : String(error)).split(/\. |\n/, 1);
    throw new Error(`${reason}; ${usage}`, { cause: error });
  }
}
