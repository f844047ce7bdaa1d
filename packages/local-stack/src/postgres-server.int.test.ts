import { Client } from "pg";
import { startPostgres, type PostgresOptions, type PostgresServer } from "./postgres-server";

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 5_000 });
  client.on("error", () => undefined);
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

describe.each<[string, PostgresOptions]>([
  ["the system's programs or the packaged ones", {}],
  ["the packaged programs", { sources: ["embedded"] }],
  ["the packaged programs under another user", { sources: ["embedded"], runAs: "setpriv" }],
])("a private Postgres from %s", (_name, options) => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    const t = Date.now();
    postgres = await startPostgres(options);
    console.log(postgres.source, postgres.version, Date.now() - t);
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
  });

  it("keeps committed rows through a crash", async () => {
    const url = await postgres.createDatabase("crash");
    await query(url, "create table kept as select 1 as n");
    await postgres.kill();
    expect(postgres.pid).toBeUndefined();
    const t = Date.now();
    await postgres.restart();
    console.log("restart after crash", Date.now() - t);
    expect(await query(url, "select n from kept")).toEqual([{ n: 1 }]);
    const u = Date.now();
    await postgres.restart();
    console.log("restart", Date.now() - u);
  }, 60_000);
});
