// npm run bench: installs and builds what is missing, then hands over to the compiled command.
// Node built-ins only, until the dependencies are there.
import { build } from "../../local-stack/bin/build.mjs";
import { ensureInstalled } from "../../local-stack/bin/ensure-installed.mjs";

// What runs in the stacks that are measured.
const measured = ["bench", "api-gateway", "auth", "cache", "generation-worker", "notification"];

async function main() {
  if (!(await ensureInstalled())) return 1;
  const { ok, output } = await build(measured.map((name) => `@vibe-friend/${name}`));
  if (!ok) {
    console.error(`${output}\nThe build failed; its own words stand above.`);
    return 1;
  }
  const { runBench } = await import("../dist/bench-command.js");
  return runBench(process.argv.slice(2));
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
