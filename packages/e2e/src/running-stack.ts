import { appendFileSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { startStack, type Stack, type StackOptions } from "@vibe-friend/local-stack/stack";

const localDirectory = join(__dirname, "../../../.local");
const keptLines = 20_000;

export interface RunningStack {
  /** The stack of the suite; throws before it has started. */
  readonly stack: Stack;
  /** Parts that ended without having been asked to, where parts are started again. */
  deaths(): string[];
  /** What a part has said up to now, a line each. */
  linesOf(part: string): string[];
}

/**
 * Starts one private stack for the suite it is called in, on data of its own, and ends it afterwards.
 *
 * @param options what is asked for its options, for those that need something started before
 */
export function useStack(options: StackOptions | (() => Promise<StackOptions>)): RunningStack {
  let stack: Stack | undefined;
  let dataDir: string | undefined;
  const deaths: string[] = [];
  const lines: { part: string; line: string }[] = [];

  beforeAll(async () => {
    mkdirSync(localDirectory, { recursive: true });
    dataDir = mkdtempSync(join(localDirectory, "e2e-"));
    stack = await startStack({
      dataDir,
      ...(typeof options === "function" ? await options() : options),
      onWarning(line) {
        if (line.includes("; starting it again in")) deaths.push(line);
      },
      onLog(part, line) {
        lines.push({ part, line });
        if (lines.length > keptLines) lines.shift();
      },
    });
  }, 120_000);

  afterAll(async () => {
    await stack?.stop();
    writeLog(lines);
    if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  return {
    get stack() {
      if (stack === undefined) throw new Error("The stack has not been started");
      return stack;
    },
    deaths: () => [...deaths],
    linesOf: (part) => lines.flatMap((each) => (each.part === part ? [each.line] : [])),
  };
}

/** What the parts have said stays in `.local/test-logs/`, by test file, for whoever looks into a failure. */
function writeLog(lines: readonly { part: string; line: string }[]): void {
  const directory = join(localDirectory, "test-logs");
  mkdirSync(directory, { recursive: true });
  const name = basename(expect.getState().testPath ?? "unknown", ".ts");
  const text = lines.map(({ part, line }) => `${part} | ${line}\n`).join("");
  appendFileSync(join(directory, `${name}-${process.pid}.log`), text);
}
