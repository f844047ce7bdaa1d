import { execFile } from "node:child_process";
import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { createTemporaryDirectory } from "@vibe-friend/local-stack/temporary-directory";

const execFileAsync = promisify(execFile);
const script = join(__dirname, "../../bin/bench.mjs");

/** What `--json` writes. */
export interface WrittenFigures {
  readonly date: string;
  readonly quick: boolean;
  readonly seeds: { readonly keys: number };
  readonly machine: { readonly cores: number; readonly node: string; readonly redis: string };
  readonly benchmarks: readonly {
    readonly name: string;
    readonly rows: readonly {
      readonly contestant: string;
      readonly status: string;
      readonly reason?: string;
      readonly figures: Readonly<Record<string, { readonly median: number; readonly rounds: number[] }>>;
    }[];
  }[];
}

/** Gives every test a folder of its own, and runs the command with its figures written there. */
export function useBench() {
  const place = { directory: "" };
  beforeEach(() => {
    place.directory = createTemporaryDirectory("bench");
  });
  afterEach(() => {
    rmSync(place.directory, { recursive: true, force: true });
  });
  return {
    place,
    async run(args: readonly string[], env: Readonly<Record<string, string>> = {}) {
      const json = join(place.directory, "figures.json");
      const { stdout, stderr } = await execFileAsync(process.execPath, [script, ...args, "--json", json], {
        env: { ...process.env, ...env },
        timeout: 240_000,
      });
      return { stdout, stderr, written: JSON.parse(readFileSync(json, "utf8")) as WrittenFigures };
    },
  };
}
