// Builds what is stale. Node built-ins only.
import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { checkoutLocal as local, root } from "./paths.mjs";

const lock = join(local, "build.lock");

/** Two builds at once would read each other's half-written files. */
async function lockBuild() {
  mkdirSync(local, { recursive: true, mode: 0o700 });
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: "wx" });
      return;
    } catch {
      if (!isHeld()) rmSync(lock, { force: true });
      else await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
}

function isHeld() {
  try {
    const owner = Number(readFileSync(lock, "utf8"));
    // Empty for the moment between its making and its writing.
    if (owner === 0) return existsSync(lock);
    process.kill(owner, 0);
    return owner !== process.pid;
  } catch (error) {
    return error.code === "EPERM";
  }
}

/**
 * @param {string[]} [filter] workspaces to build with what they need; all when empty
 * @param {AbortSignal} [signal]
 * @returns {Promise<{ ok: boolean, output: string }>}
 */
export async function build(filter = [], signal) {
  await lockBuild();
  try {
    return await runTurbo(filter, signal);
  } finally {
    rmSync(lock, { force: true });
  }
}

function runTurbo(filter, signal) {
  const turbo = join(root, "node_modules/.bin/turbo");
  const filters = filter.map((name) => `--filter=${name}`);
  const args = ["run", "build", "--output-logs=errors-only", "--no-color", ...filters];
  return new Promise((resolve) => {
    const child = spawn(turbo, args, {
      cwd: root,
      signal,
      stdio: ["ignore", "pipe", "pipe"],
      env: {
        ...process.env,
        TURBO_TELEMETRY_DISABLED: "1",
        DO_NOT_TRACK: "1",
        TURBO_NO_UPDATE_NOTIFIER: "1",
      },
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
    child.on("error", (error) => resolve({ ok: false, output: `${output}${error.message}` }));
    child.on("close", (code) => resolve({ ok: code === 0, output }));
  });
}
