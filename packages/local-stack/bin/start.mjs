// npm start: installs and builds what is missing, then hands over to the compiled start command.
// Node built-ins only, until the dependencies are there.
import { build } from "./build.mjs";
import { ensureInstalled } from "./ensure-installed.mjs";
import { checkNotRunning, checkPorts } from "./preflight.mjs";
import { parseStartOptions } from "./start-options.mjs";

const abort = new AbortController();

async function main() {
  const options = parseStartOptions(process.argv.slice(2), process.env);
  if (options.help) return console.log(options.usage);
  checkNotRunning();
  await checkPorts(options);
  if (!(await ensureInstalled())) return void (process.exitCode = 1);
  const started = Date.now();
  const timer = setTimeout(() => console.log("  building…"), 3_000);
  const { ok, output } = await build([], abort.signal);
  clearTimeout(timer);
  if (abort.signal.aborted) return;
  if (!ok) {
    console.error(`${output}\nThe build failed; its own words stand above.`);
    return void (process.exitCode = 1);
  }
  console.log(`  ✓ built (${((Date.now() - started) / 1000).toFixed(1)} s)`);
  const { runStart } = await import("../dist/start-command.js");
  process.exitCode = await runStart(options, process.env, abort.signal);
}

let firstSignalAt = 0;
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    // One Ctrl-C arrives twice: from the terminal, and passed on by npm.
    if (abort.signal.aborted && Date.now() - firstSignalAt < 500) return;
    if (!abort.signal.aborted) firstSignalAt = Date.now();
    // Nobody to tell yet: the watcher ends what has been started so far.
    else if (!process.emit("vibe-friend:kill")) process.exit(1);
    abort.abort();
  });
}

main().catch((error) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
