import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { withFileLock } from "./file-lock";

const execFileAsync = promisify(execFile);
const aptTimeoutMs = 120_000;
const aptAttempts = 3;

interface UnpackedProgram {
  readonly path: string;
  readonly env: Readonly<Record<string, string>>;
}

interface UnpackOptions {
  /** Holds the unpacked packages, now and the next time. */
  readonly directory: string;
  /** Packages to try; each is named as the program in it. */
  readonly programs: readonly string[];
  readonly isUsable: (program: UnpackedProgram) => Promise<boolean>;
  readonly onProgress?: ((line: string) => void) | undefined;
}

/**
 * Downloads and unpacks (never installs) the server from the system's own packages, on Debian and its kin, without
 * root. The answer is kept in the folder; processes that ask at the same time wait for the first.
 *
 * @returns undefined where there is no apt, no network, or only a version that is too old
 */
export async function unpackRedis(options: UnpackOptions): Promise<UnpackedProgram | undefined> {
  const kept = await findKept(options);
  if (kept !== undefined) return kept;
  if (!existsSync("/usr/bin/apt-get") || !existsSync("/usr/bin/dpkg-deb")) return undefined;
  return withFileLock(`${options.directory}.lock`, async () => {
    const meanwhile = await findKept(options);
    if (meanwhile !== undefined) return meanwhile;
    options.onProgress?.("unpacking Redis from the system's packages");
    return unpackFirstUsable(options);
  });
}

/** A mirror that stumbles once is asked again; a machine without a network is not asked for long. */
async function unpackFirstUsable(options: UnpackOptions): Promise<UnpackedProgram | undefined> {
  const work = `${options.directory}.work`;
  for (let attempt = 1; attempt <= aptAttempts; attempt += 1) {
    rmSync(work, { recursive: true, force: true });
    try {
      return await unpackOnce(options, work);
    } catch (error) {
      options.onProgress?.(`apt-get could not help: ${firstLine(error)}`);
    } finally {
      rmSync(work, { recursive: true, force: true });
    }
  }
  return undefined;
}

async function unpackOnce(options: UnpackOptions, work: string): Promise<UnpackedProgram | undefined> {
  const aptOptions = prepareApt(work);
  const root = join(work, "root");
  await execFileAsync("/usr/bin/apt-get", [...aptOptions, "update"], { timeout: aptTimeoutMs });
  let fault: unknown;
  for (const program of options.programs) {
    try {
      await downloadAndUnpack(aptOptions, program, { work, root });
    } catch (error) {
      // The system's release may have only one of the two.
      fault ??= error;
      continue;
    }
    rmSync(options.directory, { recursive: true, force: true });
    renameSync(root, options.directory);
    const kept = await findKept(options);
    if (kept !== undefined) return kept;
  }
  if (fault !== undefined) throw fault as Error;
  return undefined;
}

/** Private lists and archives; the system's own status, so that apt leaves out libraries that are there already. */
function prepareApt(work: string): string[] {
  const state = join(work, "state");
  const cache = join(work, "cache");
  mkdirSync(join(state, "lists/partial"), { recursive: true, mode: 0o700 });
  mkdirSync(join(cache, "archives/partial"), { recursive: true, mode: 0o700 });
  const settings = {
    "Dir::State": state,
    "Dir::State::status": "/var/lib/dpkg/status",
    "Dir::Cache": cache,
    "Debug::NoLocking": "1",
    "APT::Sandbox::User": "root",
    "Acquire::Languages": "none",
    "Acquire::Retries": "2",
  };
  return ["-q", "-y", ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`])];
}

async function downloadAndUnpack(
  aptOptions: readonly string[],
  program: string,
  { work, root }: { work: string; root: string },
): Promise<void> {
  const archives = join(work, "cache/archives");
  await execFileAsync(
    "/usr/bin/apt-get",
    [...aptOptions, "--no-install-recommends", "--download-only", "install", program],
    { timeout: aptTimeoutMs },
  );
  rmSync(root, { recursive: true, force: true });
  for (const name of readdirSync(archives).filter((file) => file.endsWith(".deb"))) {
    await execFileAsync("/usr/bin/dpkg-deb", ["-x", join(archives, name), root], { timeout: 60_000 });
  }
}

async function findKept(options: UnpackOptions): Promise<UnpackedProgram | undefined> {
  for (const program of options.programs) {
    const path = join(options.directory, "usr/bin", program);
    if (!existsSync(path)) continue;
    const libraries = findLibraryFolders(options.directory);
    const kept: UnpackedProgram = { path, env: { LD_LIBRARY_PATH: libraries.join(delimiter) } };
    if (await options.isUsable(kept)) return kept;
  }
  return undefined;
}

function findLibraryFolders(root: string): string[] {
  const folders = ["usr/lib", "lib"].map((name) => join(root, name)).filter((folder) => existsSync(folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: "utf8" }).map((name) => join(folder, name)),
  );
  return [...new Set(files.filter((file) => /\.so(\.|$)/.test(file)).map((file) => dirname(file)))];
}

function firstLine(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.split("\n").find((line) => line.startsWith("E:")) ?? text.split("\n", 1)[0] ?? "";
}
