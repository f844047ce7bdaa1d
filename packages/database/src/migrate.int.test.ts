import { useTestPostgres, type TestDatabase } from "@vibe-friend/local-stack/test-servers";
import { Client } from "pg";
import { readMigrationStates, revertAllMigrations, runMigrations } from "./migrate";
import { runMigrateCommand } from "./migrate-cli";
import { createDataSource } from "./typeorm-options";

const allMigrations = [
  "FirstSchema1763900000000",
  "RedisEpochs1763900100000",
  "AdminReadModels1764500000000",
  "Delivery1764600000000",
  "Dispatch1764600100000",
];
const limits = { applicationName: "test", poolSize: 2, connectTimeoutMs: 2000, queryTimeoutMs: 0 };

describe("migrations", () => {
  let postgres: TestDatabase;
  beforeEach(async () => {
    postgres = await useTestPostgres();
  });
  afterEach(() => postgres.drop());

  it("leave no object behind when taken back, and run again", async () => {
    const before = await listObjects(postgres.url);
    const ran = await runMigrations(postgres.url);
    expect(ran.length).toBeGreaterThan(0);
    const migrated = await listObjects(postgres.url);
    expect(await revertAllMigrations(postgres.url)).toEqual([...ran].reverse());
    expect(await listObjects(postgres.url)).toEqual(before);
    expect(await runMigrations(postgres.url)).toEqual(ran);
    expect(await listObjects(postgres.url)).toEqual(migrated);
  });

  it("run once when several processes start at the same time", async () => {
    const runs = await Promise.all([1, 2, 3, 4].map(() => runMigrations(postgres.url)));
    expect(runs.filter((names) => names.length > 0)).toHaveLength(1);
    const states = await readMigrationStates(postgres.url);
    expect(states).toEqual(allMigrations.map((name) => ({ name, applied: true })));
  });

  it("make the schema that the entities describe", async () => {
    await runMigrations(postgres.url);
    const dataSource = await createDataSource(postgres.url, limits).initialize();
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    await dataSource.destroy();
    expect(upQueries.map((query) => query.query)).toEqual([]);
  });

  it("are run, listed and taken back by the command", async () => {
    const env = { DATABASE_URL: postgres.url };
    const each = (did: string) => allMigrations.map((name) => `${did} ${name}`);
    expect(await runMigrateCommand(["status"], env)).toEqual(each("pending"));
    expect(await runMigrateCommand([], env)).toEqual(each("ran"));
    expect(await runMigrateCommand(["up"], env)).toEqual(["the schema is up to date"]);
    expect(await runMigrateCommand(["status"], env)).toEqual(each("applied"));
    for (const line of each("took back").reverse()) {
      expect(await runMigrateCommand(["down"], env)).toEqual([line]);
    }
    expect(await runMigrateCommand(["down"], env)).toEqual(["there is nothing to take back"]);
  });

  it.each([
    [["sideways"], {}, "usage: "],
    [["up"], { DATABASE_URL: "" }, "DATABASE_URL is not set"],
    [["up"], { DATABASE_URL: "mysql://x" }, "DATABASE_URL must be like postgres://"],
    [["up"], { MIGRATE_TIMEOUT_MS: "soon" }, "MIGRATE_TIMEOUT_MS must be"],
    [
      ["up"],
      { DATABASE_URL: "postgres://nobody@127.0.0.1:1/x", MIGRATE_TIMEOUT_MS: "300" },
      "Postgres is not available: connect ECONNREFUSED",
    ],
  ])("refuse %j with %j in one line", async (argv, env, message) => {
    const error = await runMigrateCommand(argv, { DATABASE_URL: postgres.url, ...env }).catch(String);
    expect(error).toContain(message);
    expect(String(error).split("\n")).toHaveLength(1);
  });
});

/** Everything in the database that isn't Postgres' own. */
async function listObjects(url: string): Promise<string[]> {
  const client = new Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query<{ object: string }>(`
    select 'relation ' || c.oid::regclass::text as object from pg_class c
      where c.relnamespace = 'public'::regnamespace
    union all select 'function ' || p.oid::regprocedure::text from pg_proc p
      where p.pronamespace = 'public'::regnamespace
    union all select 'type ' || t.oid::regtype::text from pg_type t
      where t.typnamespace = 'public'::regnamespace
    union all select 'schema ' || nspname from pg_namespace where nspname !~ '^pg_'
    order by 1`);
  await client.end();
  return rows.map((row) => row.object);
}
