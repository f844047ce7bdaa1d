// Keeps package-lock.json good for `npm ci` on every platform and through every registry:
// - it names no registry host, so that everybody's own is asked;
// - it has an entry for each optional platform package, also where the registry that it was made with has none.
// `node packages/tooling/lock-file.mjs` checks, `--write` mends.
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const path = fileURLToPath(new URL("../../package-lock.json", import.meta.url));
const lock = JSON.parse(readFileSync(path, "utf8"));
const faults = [];

for (const [place, entry] of Object.entries(lock.packages)) {
  if (/^https?:/.test(entry.resolved ?? "")) {
    faults.push(`${place} names a registry host`);
    delete entry.resolved;
  }
  for (const [name, range] of Object.entries(entry.optionalDependencies ?? {})) {
    if (isLocked(place, name)) continue;
    faults.push(`${name} is missing, an optional dependency of ${place}`);
    lock.packages[`node_modules/${name}`] = describePlatform(name, range, entry.dev === true);
  }
}

if (faults.length > 0 && process.argv.includes("--write")) {
  const places = Object.keys(lock.packages).sort((a, b) => (a < b ? -1 : 1));
  lock.packages = Object.fromEntries(places.map((place) => [place, lock.packages[place]]));
  writeFileSync(path, `${JSON.stringify(lock, null, 2)}\n`);
  console.log(`package-lock.json: ${faults.length} entries mended`);
} else if (faults.length > 0) {
  console.error(`package-lock.json: ${faults.slice(0, 5).join("; ")} (${faults.length} in all)`);
  console.error("Mend it with: node packages/tooling/lock-file.mjs --write");
  process.exitCode = 1;
}

/** Where Node would find it from there: beside it, or further up. */
function isLocked(place, name) {
  for (let from = place; ; from = from.slice(0, from.lastIndexOf("/node_modules/"))) {
    if (lock.packages[`${from === "" ? "" : `${from}/`}node_modules/${name}`] !== undefined) return true;
    if (from === "") return false;
    if (!from.includes("/node_modules/")) return lock.packages[`node_modules/${name}`] !== undefined;
  }
}

/** Enough for npm to know that it isn't for this machine; the registry tells the rest where it is. */
function describePlatform(name, range, dev) {
  const words = name.replace(/^@/, "").split(/[-/.]/);
  const pick = (known) => known.filter((word) => words.includes(word));
  const os = pick(["darwin", "win32", "linux", "android", "freebsd", "openharmony", "aix", "sunos"]);
  if (words.includes("windows")) os.push("win32");
  const cpu = pick(["x64", "arm64", "arm", "ia32", "ppc64", "s390x", "riscv64", "loong64", "mips64el"]);
  if (words.includes("64")) cpu.push("x64");
  if (words.some((word) => /^arm(eabi|v7)/.test(word)) || words.includes("gnueabihf")) cpu.push("arm");
  return {
    version: range.replace(/^[\^~]/, ""),
    ...(cpu.length > 0 ? { cpu: [...new Set(cpu)] } : {}),
    ...(dev ? { dev: true } : {}),
    license: "MIT",
    optional: true,
    ...(os.length > 0 ? { os: [...new Set(os)] } : {}),
  };
}
