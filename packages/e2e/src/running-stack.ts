import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { startStack, type Stack, type StackOptions } from "@vibe-friend/local-stack/stack";

const localDirectory = join(__dirname, "../../../.local");
const keptLines = 400;

export interface RunningStack {
  /** The stack of the suite; throws before it has started. */
  readonly stack: Stack;
  /** What one part or all have printed lately. */
  logOf(part?: string): string;
}

/** Starts one private stack for the suite it is called in, on data of its own, and ends it afterwards. */
export function useStack(options: StackOptions): RunningStack {
  let stack: Stack | undefined;
  let dataDir: string | undefined;
  const lines: { part: string; line: string }[] = [];

  beforeAll(async () => {
    mkdirSync(localDirectory, { recursive: true });
    dataDir = mkdtempSync(join(localDirectory, "e2e-"));
    stack = await startStack({
      dataDir,
      ...options,
      onLog(part, line) {
        lines.push({ part, line });
        if (lines.length > keptLines) lines.shift();
      },
    });
  }, 120_000);

  afterAll(async () => {
    await stack?.stop();
    if (dataDir !== undefined) rmSync(dataDir, { recursive: true, force: true });
  }, 60_000);

  return {
    get stack() {
      if (stack === undefined) throw new Error("The stack has not been started");
      return stack;
    },
    logOf: (part) =>
      lines
        .filter((entry) => part === undefined || entry.part.startsWith(part))
        .map((entry) => `${entry.part} | ${entry.line}`)
        .join("\n"),
  };
}
