// npm test: builds what the gate itself is made of, then hands over to it. Node built-ins only until then.
import { parseArgs } from "node:util";
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";

const parts = ["static", "unit", "e2e"];
const usage = `options: --full, --only ${parts.join("|")}`;

function parseGateOptions(args) {
  let values;
  try {
    ({ values } = parseArgs({ args, options: { full: { type: "boolean" }, only: { type: "string" } } }));
  } catch (error) {
    throw new Error(`${error.message.split(/\. |\n/, 1)[0]}; ${usage}`);
  }
  if (values.only !== undefined && !parts.includes(values.only)) {
    throw new Error(`--only is ${JSON.stringify(values.only)}; allowed is one of ${parts.join(", ")}`);
  }
  return { full: values.full === true, only: values.only };
}

async function main() {
  const options = parseGateOptions(process.argv.slice(2));
  if (!(await ensureInstalled())) return 1;
  const { ok, output } = await build(["@vibe-friend/local-stack"]);
  if (!ok) {
    console.error(`${output}\nThe gate itself could not be built.\n\n0 passed, 1 failed, 0 skipped`);
    return 1;
  }
  const { runGate } = await import("../dist/gate/run-gate.js");
  return runGate({ ...options, build: () => build() }, process.env);
}

main().then(
  (code) => (process.exitCode = code),
  (error) => {
    console.error(error instanceof Error ? error.message : error);
    process.exitCode = 1;
  },
);
