/** One migration and whether it has run. */
export interface MigrationState {
  readonly name: string;
  readonly applied: boolean;
}

/** How long to wait for Postgres and for another migrating process, milliseconds. */
export interface MigrateOptions {
  readonly deadlineMs?: number;
}

/** Brings the schema up to date; several processes may call it at once. @returns names of what ran */
export function runMigrations(url: string, options?: MigrateOptions): Promise<string[]> {
  throw new Error(`not yet ${url} ${options?.deadlineMs ?? 0}`);
}

/** Takes the newest migration back. @returns its name, or undefined if there is none */
export function revertLastMigration(url: string, options?: MigrateOptions): Promise<string | undefined> {
  throw new Error(`not yet ${url} ${options?.deadlineMs ?? 0}`);
}

/** Takes everything back, data included. */
export function revertAllMigrations(url: string, options?: MigrateOptions): Promise<string[]> {
  throw new Error(`not yet ${url} ${options?.deadlineMs ?? 0}`);
}

export function readMigrationStates(url: string, options?: MigrateOptions): Promise<MigrationState[]> {
  throw new Error(`not yet ${url} ${options?.deadlineMs ?? 0}`);
}
