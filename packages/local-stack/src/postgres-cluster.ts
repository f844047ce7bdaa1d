import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { chownSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { findPostgresBinaries, type PostgresBinaries, type PostgresBinaryOptions } from "./postgres-binary";
import { findProcessStart, readCommandLine } from "./process-identity";
import type { UnprivilegedUser } from "./unprivileged-user";

const execFileAsync = promisify(execFile);

/** The name of the one database user; it owns everything. */
export const databaseUser = "vibe_friend";

/** The files of one Postgres. */
export interface PostgresCluster {
  readonly directory: string;
  readonly binaries: PostgresBinaries;
  readonly password: string;
}

interface ClusterOptions extends PostgresBinaryOptions {
  /** Leave it to the system when the new files reach the disk: for data that nobody will miss. */
  readonly isTemporary: boolean;
}

/**
 * Makes the files of a Postgres, once, with a password of its own; the next time it finds them.
 *
 * @throws {Error} when the files were written by a version that isn't here, or another server runs on them
 */
export async function prepareCluster(
  user: UnprivilegedUser,
  dataDir: string,
  options: ClusterOptions,
): Promise<PostgresCluster> {
  const place = user.placeDirectory(dataDir);
  const directory = join(place, "data");
  const passwordFile = join(place, "password");
  const versionFile = join(directory, "PG_VERSION");
  const isNew = !existsSync(versionFile) || !existsSync(passwordFile);
  const major = isNew ? undefined : Number(readFileSync(versionFile, "utf8"));
  const binaries = await findPostgresBinaries(user, { ...options, major });
  if (isNew) {
    // What an interrupted first start left is of no use.
    rmSync(directory, { recursive: true, force: true });
    writeFileSync(passwordFile, `${randomBytes(24).toString("hex")}\n`, { mode: 0o600 });
    const { uid, gid } = statSync(place);
    chownSync(passwordFile, uid, gid);
    await initialise(user, { binaries, directory, passwordFile, isTemporary: options.isTemporary });
  }
  removeStaleLock(directory);
  return { directory, binaries, password: readFileSync(passwordFile, "utf8").trim() };
}

interface Initialisation {
  readonly binaries: PostgresBinaries;
  readonly directory: string;
  readonly passwordFile: string;
  readonly isTemporary: boolean;
}

async function initialise(user: UnprivilegedUser, init: Initialisation): Promise<void> {
  const { command, args } = user.wrap(join(init.binaries.directory, "initdb"), [
    `--pgdata=${init.directory}`,
    `--username=${databaseUser}`,
    `--pwfile=${init.passwordFile}`,
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C",
    ...(init.isTemporary ? ["--no-sync"] : []),
  ]);
  await execFileAsync(command, args, { cwd: "/", timeout: 120_000 });
}

/** After a crash the lock names a process id that may belong to somebody else by now. */
function removeStaleLock(directory: string): void {
  const lock = join(directory, "postmaster.pid");
  if (!existsSync(lock)) return;
  const pid = Number.parseInt(readFileSync(lock, "utf8"), 10);
  if (findProcessStart(pid) !== undefined && readCommandLine(pid).includes(directory)) {
    throw new Error(`another Postgres (process ${pid}) runs on ${directory}`);
  }
  rmSync(lock, { force: true });
}
