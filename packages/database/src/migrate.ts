import { setTimeout as sleep } from "node:timers/promises";
import type { DataSource, QueryRunner } from "typeorm";
import { DatabaseUnavailable } from "./errors";
import { mapFault } from "./map-fault";
import { createDataSource, MIGRATIONS_TABLE } from "./typeorm-options";

/** One migration and whether it has run. */
export interface MigrationState {
  readonly name: string;
  readonly applied: boolean;
}

/** How long to wait for Postgres and for another migrating process, milliseconds; default 30,000. */
export interface MigrateOptions {
  readonly deadlineMs?: number;
}

/** One key for every version of this product: "vibe" in ASCII. */
const LOCK_KEY = 0x76696265;
const RETRY_MS = 200;

/**
 * Brings the schema up to date; several processes may call it at once.
 *
 * @returns names of what ran
 * @throws {DatabaseUnavailable} when Postgres, or the process that migrates, isn't through by the deadline
 */
export function runMigrations(url: string, options: MigrateOptions = {}): Promise<string[]> {
  return withLock(url, options, async (dataSource) => {
    const ran = await dataSource.runMigrations();
    return ran.map((migration) => migration.name);
  });
}

/** Takes the newest migration back. @returns its name, or undefined if there is none */
export function revertLastMigration(url: string, options: MigrateOptions = {}): Promise<string | undefined> {
  return withLock(url, options, revertLast);
}

/** Takes everything back, data included, and forgets that there were migrations. @returns names, newest first */
export function revertAllMigrations(url: string, options: MigrateOptions = {}): Promise<string[]> {
  return withLock(url, options, async (dataSource) => {
    const reverted: string[] = [];
    for (let name = await revertLast(dataSource); name !== undefined; name = await revertLast(dataSource)) {
      reverted.push(name);
    }
    await dataSource.query(`drop table if exists "${MIGRATIONS_TABLE}"`);
    return reverted;
  });
}

/** In the order in which they run. */
export function readMigrationStates(url: string, options: MigrateOptions = {}): Promise<MigrationState[]> {
  return withLock(url, options, async (dataSource) => {
    const applied = new Set(await readApplied(dataSource));
    return dataSource.migrations.map(({ name = "" }) => ({ name, applied: applied.has(name) }));
  });
}

async function revertLast(dataSource: DataSource): Promise<string | undefined> {
  const [name] = await readApplied(dataSource);
  if (name !== undefined) await dataSource.undoLastMigration();
  return name;
}

/** Newest first. */
async function readApplied(dataSource: DataSource): Promise<string[]> {
  const [table] = await dataSource.query<{ found: string | null }[]>("select to_regclass($1) as found", [
    MIGRATIONS_TABLE,
  ]);
  if (table === undefined || table.found === null) return [];
  const rows = await dataSource.query<{ name: string }[]>(
    `select name from "${MIGRATIONS_TABLE}" order by timestamp desc, id desc`,
  );
  return rows.map((row) => row.name);
}

async function withLock<T>(
  url: string,
  { deadlineMs = 30_000 }: MigrateOptions,
  work: (dataSource: DataSource) => Promise<T>,
): Promise<T> {
  const until = performance.now() + deadlineMs;
  const dataSource = createDataSource(url, {
    applicationName: "vibe-friend migrate",
    poolSize: 2,
    connectTimeoutMs: 5000,
    // A migration may take its time.
    queryTimeoutMs: 0,
  });
  try {
    await connect(dataSource, until);
    const runner = dataSource.createQueryRunner();
    try {
      await takeLock(runner, until);
      return await work(dataSource);
    } finally {
      // The lock belongs to the connection: ended below, it can't outlive this call.
      await runner.release();
    }
  } catch (error) {
    throw mapFault(error).error;
  } finally {
    if (dataSource.isInitialized) await dataSource.destroy();
  }
}

async function connect(dataSource: DataSource, until: number): Promise<void> {
  for (;;) {
    try {
      await dataSource.initialize();
      return;
    } catch (error) {
      const fault = mapFault(error);
      if (!isWorthWaiting(fault.error) || performance.now() >= until) throw fault.error;
    }
    await sleep(RETRY_MS);
  }
}

/** A wrong password or database name doesn't get better; a server that starts does. */
function isWorthWaiting(error: unknown): boolean {
  if (!(error instanceof DatabaseUnavailable)) return false;
  const code: unknown = (error.cause as { code?: unknown } | undefined)?.code;
  return typeof code !== "string" || !/^(28|3D)/.test(code);
}

async function takeLock(runner: QueryRunner, until: number): Promise<void> {
  for (;;) {
    const rows = (await runner.query("select pg_try_advisory_lock($1) as taken", [LOCK_KEY])) as {
      taken: boolean;
    }[];
    if (rows[0]?.taken === true) return;
    if (performance.now() >= until) {
      throw new DatabaseUnavailable("another process is migrating this database and isn't through yet");
    }
    await sleep(RETRY_MS);
  }
}
