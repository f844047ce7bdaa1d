import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { promisify } from "node:util";

const execFileAsync = promisify(execFile);
const installTimeoutMs = 300_000;

/** A browser for the tests, or why there is none. */
export type ChromiumAnswer =
  | { readonly kind: "found"; readonly path: string; readonly installed: boolean }
  | { readonly kind: "none"; readonly reason: string };

const programs = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "google-chrome-beta",
  "chrome",
  "microsoft-edge",
  "microsoft-edge-stable",
  "msedge",
];
const folders = ["/usr/bin", "/usr/local/bin", "/opt/google/chrome", "/opt/microsoft/msedge", "/snap/bin"];
const applications = ["Google Chrome", "Chromium", "Microsoft Edge"];

/** @returns the path of a Chrome, Chromium or Edge that starts here; CHROMIUM_PATH and CHROME_PATH come first */
export async function findChromium(): Promise<string | undefined> {
  for (const path of listCandidates()) {
    if (isExecutable(path) && (await startsHere(path))) return path;
  }
  return undefined;
}

/**
 * Finds a browser; as root on Debian and its kin installs the system's own when there is none.
 *
 * @param onInstall told before anything is installed
 */
export async function ensureChromium(onInstall: (line: string) => void): Promise<ChromiumAnswer> {
  const path = await findChromium();
  if (path !== undefined) return { kind: "found", path, installed: false };
  if (process.getuid?.() !== 0) return none("not root, so none was installed");
  if (!existsSync("/usr/bin/apt-get")) return none("no apt-get to install one with");
  onInstall("no Chrome, Chromium or Edge found; installing the system's chromium with apt-get");
  try {
    await apt(["update"]);
    await apt(["install", "--no-install-recommends", "chromium", "fonts-liberation"]);
  } catch (error) {
    return none(`apt-get failed: ${error instanceof Error ? lastLine(error.message) : String(error)}`);
  }
  const installed = await findChromium();
  if (installed === undefined) return none("what apt-get installed does not start here");
  return { kind: "found", path: installed, installed: true };
}

function none(reason: string): ChromiumAnswer {
  return { kind: "none", reason };
}

function listCandidates(): string[] {
  const named = [process.env["CHROMIUM_PATH"], process.env["CHROME_PATH"]].filter(
    (path): path is string => path !== undefined && path !== "",
  );
  const path = (process.env["PATH"] ?? "").split(delimiter);
  const home = process.env["HOME"] ?? "";
  const mac = ["/Applications", join(home, "Applications")].flatMap((parent) =>
    applications.map((name) => join(parent, `${name}.app/Contents/MacOS`, name)),
  );
  const found = programs.flatMap((program) => [...path, ...folders].map((folder) => join(folder, program)));
  return [...new Set([...named, ...found, ...(process.platform === "darwin" ? mac : [])])];
}

/** Ubuntu's `chromium-browser` is a script that only names a snap. */
async function startsHere(path: string): Promise<boolean> {
  try {
    const { stdout } = await execFileAsync(path, ["--version"], { timeout: 20_000 });
    return /chrom|edge/i.test(stdout);
  } catch {
    return false;
  }
}

async function apt(args: readonly string[]): Promise<void> {
  await execFileAsync("/usr/bin/apt-get", ["-q", "-y", "-o", "DPkg::Lock::Timeout=120", ...args], {
    env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" },
    timeout: installTimeoutMs,
    maxBuffer: 64 * 1024 * 1024,
  });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}
