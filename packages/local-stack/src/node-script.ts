import { execFile } from "node:child_process";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);

interface ScriptOptions {
  readonly env: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
}

/**
 * Runs a script of the product to its end.
 *
 * @returns what it printed
 * @throws {Error} with its own words when it fails or takes too long
 */
export async function runNodeScript(script: string, { env, timeoutMs }: ScriptOptions): Promise<string> {
  try {
    const { stdout } = await execFileAsync(process.execPath, [script], { env, timeout: timeoutMs });
    return stdout;
  } catch (error) {
    const { stdout = "", stderr = "", message } = error as Error & { stdout?: string; stderr?: string };
    const words = `${stdout}${stderr}`.trim();
    throw new Error(words === "" ? message : words, { cause: error });
  }
}
