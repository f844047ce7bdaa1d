import { join } from "node:path";
import { runGateCommand } from "./gate-command";
import type { Step } from "./gate-step";

const limitMs = 5 * 60_000;

/** The scripts of package.json that look at the code without running it. */
const checks = [
  { name: "eslint", script: "lint" },
  { name: "types", script: "typecheck" },
  { name: "dependency rules", script: "check:dependencies" },
  { name: "unused code", script: "check:unused" },
  { name: "format", script: "format:check" },
  { name: "lock file", script: "check:lock" },
] as const;

interface CheckOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly logDirectory: string;
}

export function createStaticChecks({ env, logDirectory }: CheckOptions): Step[] {
  return checks.map(({ name, script }) => ({
    name,
    run: async () => {
      const logFile = join(logDirectory, `${script.replace(":", "-")}.log`);
      const npm = env["npm_execpath"];
      const [command, first] = npm === undefined ? ["npm", []] : [process.execPath, [npm]];
      const args = [...first, "run", "--silent", script];
      const { ok } = await runGateCommand({ command, args, env, logFile, timeoutMs: limitMs });
      return { status: ok ? "passed" : "failed", logFile };
    },
  }));
}
