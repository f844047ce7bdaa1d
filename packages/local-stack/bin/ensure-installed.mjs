// Installs the dependencies when they are missing or the lock file has changed. Node built-ins only.
import { spawnSync } from "node:child_process";
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

function npm(command) {
  const [program, first] = process.env.npm_execpath
    ? [process.execPath, [process.env.npm_execpath]]
    : ["npm", []];
  const started = Date.now();
  const flags = ["--no-audit", "--no-fund", "--loglevel=error", "--include=dev", "--include=optional"];
  const { status } = spawnSync(program, [...first, command, ...flags], { cwd: root, stdio: "inherit" });
  if (status === 0)
    console.log(`  ✓ dependencies installed (${((Date.now() - started) / 1000).toFixed(0)} s)`);
  return status === 0;
}

/** @returns whether the dependencies are there now */
export function ensureInstalled() {
  checkNode();
  if (isStamped()) return true;
  if (!matchesLock()) {
    const isFirst = !existsSync(modules);
    console.log(isFirst ? "  installing dependencies (once)…" : "  dependencies have changed, installing…");
    // `npm ci` empties node_modules first, which would pull the floor from under a running product.
    const isDone = isFirst ? npm("ci") || npm("install") : npm("install");
    if (!isDone) {
      console.error("The dependencies could not be installed; npm's own words stand above.");
      return false;
    }
  }
  try {
    writeFileSync(stampFile, `${stampOfLock()}\n`);
  } catch {
    // A folder that can't be written is checked again the next time.
  }
  return true;
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href && !ensureInstalled()) {
  process.exitCode = 1;
}
