// npm run drill: installs and builds what is missing, then hands over to the compiled command.
// Node built-ins only, until the dependencies are there.
import { build } from "../../local-stack/bin/build.mjs";
import { ensureInstalled } from "../../local-stack/bin/ensure-installed.mjs";

async function main() {
  if (!(await ensureInstalled())) return 1;
  const { ok, output } = await build();
  if (!ok) {
    console.error(`${output}\nThe build failed; its own words stand above.`);
    return 1;
  }
  const { runDrill } = await import("../dist/drill/drill-command.js");
  return runDrill(process.argv.slice(2));
}

main().then(
  (code) => process.exit(code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exit(1);
  },
);
