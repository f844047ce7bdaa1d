import { readMigrationStates, revertAllMigrations, revertLastMigration, runMigrations } from "./migrate";

const usage = "usage: migrate-cli [up | down | down --all | status] with DATABASE_URL set";

/** What a command prints. @throws {Error} with one readable line */
export async function runMigrateCommand(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): Promise<string[]> {
  const url = parseUrl(env["DATABASE_URL"]);
  const options = { deadlineMs: parseDeadline(env["MIGRATE_TIMEOUT_MS"]) };
  switch (argv.join(" ")) {
    case "":
    case "up": {
      const names = await runMigrations(url, options);
      return names.length === 0 ? ["the schema is up to date"] : names.map((name) => `ran ${name}`);
    }
    case "down": {
      const name = await revertLastMigration(url, options);
      return [name === undefined ? "there is nothing to take back" : `took back ${name}`];
    }
    case "down --all": {
      const names = await revertAllMigrations(url, options);
      return names.length === 0
        ? ["there is nothing to take back"]
        : names.map((name) => `took back ${name}`);
    }
    case "status": {
      const states = await readMigrationStates(url, options);
      return states.map((state) => `${state.applied ? "applied" : "pending"} ${state.name}`);
    }
    default:
      throw new Error(usage);
  }
}

function parseUrl(given: string | undefined): string {
  if (given === undefined || given === "") throw new Error("DATABASE_URL is not set");
  if (!URL.canParse(given) || !/^postgres(ql)?:\/\//.test(given)) {
    throw new Error("DATABASE_URL must be like postgres://user:password@host:5432/name");
  }
  return given;
}

function parseDeadline(given: string | undefined): number {
  if (given === undefined || given === "") return 30_000;
  if (!/^\d{1,7}$/.test(given)) throw new Error("MIGRATE_TIMEOUT_MS must be a number of milliseconds");
  return Number(given);
}

if (require.main === module) {
  runMigrateCommand(process.argv.slice(2), process.env).then(
    (lines) => {
      process.stdout.write(`${lines.join("\n")}\n`);
    },
    (error: unknown) => {
      process.stderr.write(`migrate: ${error instanceof Error ? error.message : String(error)}\n`);
      process.exitCode = 1;
    },
  );
}
