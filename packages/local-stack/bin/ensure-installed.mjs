// Installs the dependencies when they are missing or the lock file has changed. Node built-ins only.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { root } from "./paths.mjs";

const modules = join(root, "node_modules");
const lockFile = join(root, "package-lock.json");
const stampFile = join(modules, ".vibe-friend-installed");

function checkNode() {
  const [major, minor] = process.versions.node.split(".").map(Number);
  if (major > 20 || (major === 20 && minor >= 19)) return;
  console.error(`vibe-friend needs Node 20.19 or newer; this is ${process.version}. See https://nodejs.org/`);
  process.exit(1);
}

const stampOfLock = () => createHash("sha256").update(readFileSync(lockFile)).digest("hex");

function isStamped() {
  return existsSync(stampFile) && readFileSync(stampFile, "utf8").trim() === stampOfLock();
}

/** Installed by hand, with `npm install` or `npm ci`: what npm wrote down is what the lock file asks for. */
function matchesLock() {
  const installedFile = join(modules, ".package-lock.json");
  if (!existsSync(installedFile)) return false;
  const wanted = JSON.parse(readFileSync(lockFile, "utf8")).packages;
  const installed = JSON.parse(readFileSync(installedFile, "utf8")).packages;
  return Object.entries(wanted).every(([path, { version, link, optional, peer }]) => {
    if (path === "" || !path.includes("node_modules/")) return true;
    const found = installed[path];
    if (found === undefined) return optional === true || peer === true;
    return (link === true || found.version === version) && existsSync(join(root, path));
  });
}

/** Runs npm without a word while it goes well; npm is silent for long. */
async function npm(...args) {
  const [program, first] = process.env.npm_execpath
    ? [process.execPath, [process.env.npm_execpath]]
    : ["npm", []];
  const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--include=dev", "--include=optional"];
  const child = spawn(program, [...first, ...args, ...flags], {
    cwd: root,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const patience = setInterval(() => console.log("  still installing…"), 20_000);
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const code = await new Promise((resolve) => {
    child.once("error", () => resolve(1));
    child.once("close", resolve);
  });
  clearInterval(patience);
  return { ok: code === 0, output };
}

/**
 * `npm ci` wants every platform's optional packages in the lock file, which not every registry has; `npm install`
 * takes the same versions without. And `npm ci` empties node_modules first, which would pull the floor from under a
 * running product, so it is for the first time only.
 */
async function install(isFirst) {
  const started = Date.now();
  const clean = isFirst ? await npm("ci") : { ok: false };
  const { ok, output } = clean.ok ? clean : await npm("install", "--no-save");
  if (ok) console.log(`  ✓ dependencies installed (${((Date.now() - started) / 1000).toFixed(0)} s)`);
  else console.error(`${output}\nThe dependencies could not be installed; npm's own words stand above.`);
  return ok;
}

/** @returns whether the dependencies are there now */
export async function ensureInstalled() {
  checkNode();
  if (isStamped()) return true;
  if (!matchesLock()) {
    const isFirst = !existsSync(modules);
    console.log(isFirst ? "  installing dependencies (once)…" : "  dependencies have changed, installing…");
    if (!(await install(isFirst))) return false;
  }
  try {
    writeFileSync(stampFile, `${stampOfLock()}\n`);
  } catch {
    // A folder that can't be written is checked again the next time.
  }
  return true;
}

if (
  process.argv[1] &&
  import.meta.url === pathToFileURL(process.argv[1]).href &&
  !(await ensureInstalled())
) {
  process.exitCode = 1;
}
