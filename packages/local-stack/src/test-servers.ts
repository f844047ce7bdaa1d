import { randomBytes } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { localDirectory } from "./checkout";
import { withFileLock } from "./file-lock";
import { createDatabase, dropDatabase, startPostgres } from "./postgres-server";
import { isRunning, readProcessIdentity, type ProcessIdentity } from "./process-identity";
import { describeRedisInstallation } from "./redis-binary";
import { startRedis, type RedisOptions, type RedisServer } from "./redis-server";

/** An empty database of its own for one test file (or one test). */
export interface TestDatabase {
  readonly url: string;
  /** Drops it together with whoever is still connected. */
  drop(): Promise<void>;
}

/**
 * Makes an empty database, on the server that TEST_POSTGRES_URL names, else on one that this run of jest shares
 * among all its workers and that ends with it.
 */
export async function useTestPostgres(): Promise<TestDatabase> {
  const adminUrl = process.env["TEST_POSTGRES_URL"] ?? (await findSharedPostgres());
  const name = `test_${randomBytes(8).toString("hex")}`;
  await createDatabase(adminUrl, name);
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  return { url: url.toString(), drop: () => dropDatabase(adminUrl, name) };
}

/**
 * Starts a Redis that belongs to the caller alone, to be killed and frozen at will; `stop()` it at the end.
 *
 * @throws {Error} when there is none to be had: a test that needs one is never skipped
 */
export async function useTestRedis(options: RedisOptions = {}): Promise<RedisServer> {
  const redis = await startRedis(options);
  if (redis === undefined) throw new Error(`no Redis for the tests; ${describeRedisInstallation()}`);
  return redis;
}

interface SharedPostgres extends ProcessIdentity {
  readonly url: string;
}

async function findSharedPostgres(): Promise<string> {
  const run = findTestRun();
  const directory = join(localDirectory, "tmp", `test-run-${run.pid}-${run.startedAt.replaceAll(/\W/g, "")}`);
  const note = join(directory, "shared.json");
  return withFileLock(`${directory}.lock`, async () => {
    const shared = readShared(note);
    if (shared !== undefined) return shared.url;
    const postgres = await startPostgres({
      dataDir: join(directory, "postgres"),
      owner: run,
      isTemporary: true,
      removePath: directory,
    });
    if (postgres.pid === undefined) throw new Error("the shared Postgres ended at once");
    const entry: SharedPostgres = { ...readProcessIdentity(postgres.pid), url: postgres.url };
    writeFileSync(note, JSON.stringify(entry), { mode: 0o600 });
    return postgres.url;
  });
}

function readShared(note: string): SharedPostgres | undefined {
  try {
    const shared = JSON.parse(readFileSync(note, "utf8")) as SharedPostgres;
    return isRunning(shared) ? shared : undefined;
  } catch {
    return undefined;
  }
}

/** The jest process that started this worker, or this process when there are no workers. */
function findTestRun(): ProcessIdentity {
  const isWorker = process.argv.some((argument) => argument.includes("jest-worker"));
  return readProcessIdentity(isWorker ? process.ppid : process.pid);
}
