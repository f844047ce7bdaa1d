import { existsSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Client } from "pg";
import { startPostgres, type PostgresOptions, type PostgresServer } from "./postgres-server";
import { createTemporaryDirectory } from "./temporary-directory";

async function query(url: string, sql: string): Promise<unknown[]> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 1_000 });
  client.on("error", () => undefined);
  try {
    await client.connect();
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    // A frozen server never answers the goodbye.
    client.connection.stream.destroy();
  }
}

const isRoot = process.getuid?.() === 0;
const cases: [string, PostgresOptions][] = [
  ["the first programs found", {}],
  ["the packaged programs", { sources: ["embedded"] }],
  ...(isRoot
    ? [
        ["the packaged programs as nobody", { sources: ["embedded"], runAs: "setpriv" }] as [
          string,
          PostgresOptions,
        ],
      ]
    : []),
];

describe.each(cases)("a private Postgres from %s", (_name, options) => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres(options);
  }, 60_000);
  afterAll(async () => {
    await postgres.stop();
  });

  it("keeps committed rows through a crash", async () => {
    const url = await postgres.createDatabase("crash");
    await query(url, "create table kept as select 1 as n");
    await postgres.kill();
    expect(postgres.pid).toBeUndefined();
    await postgres.restart();
    expect(await query(url, "select n from kept")).toEqual([{ n: 1 }]);
  }, 60_000);

  it("is durable, asks for its password and speaks TCP on loopback only", async () => {
    const settings = await query(
      postgres.url,
      "select name, setting from pg_settings where name in ('fsync', 'listen_addresses', 'unix_socket_directories') order by 1",
    );
    expect(settings).toEqual([
      { name: "fsync", setting: "on" },
      { name: "listen_addresses", setting: "127.0.0.1" },
      { name: "unix_socket_directories", setting: "" },
    ]);
    const stranger = postgres.url.replace(postgres.password, "guess");
    await expect(query(stranger, "select 1")).rejects.toThrow("password authentication failed");
  });

  it("finds a database that is there already", async () => {
    const first = await postgres.createDatabase("twice");
    await query(first, "create table mine as select 1 as n");
    const second = await postgres.createDatabase("twice");
    expect(await query(second, "select n from mine")).toEqual([{ n: 1 }]);
  });

  it("hangs while frozen, also for those who are connected", async () => {
    const client = new Client({ connectionString: postgres.url });
    await client.connect();
    postgres.freeze();
    const answer = client.query("select 1 as n");
    const late = new Promise((resolve) => setTimeout(resolve, 300, "late"));
    expect(await Promise.race([answer, late])).toBe("late");
    postgres.resume();
    expect((await answer).rows).toEqual([{ n: 1 }]);
    await client.end();
  });
});

it("keeps its data and password in a named folder, and refuses a version that can't read it", async () => {
  const dataDir = createTemporaryDirectory("postgres");
  const first = await startPostgres({ dataDir, sources: ["embedded"] });
  const url = await first.createDatabase("mine");
  await query(url, "create table kept as select 1 as n");
  await first.stop();
  expect(existsSync(join(dataDir, "data"))).toBe(true);
  const second = await startPostgres({ dataDir });
  expect(second.source).toBe("embedded");
  expect(await query(await second.createDatabase("mine"), "select n from kept")).toEqual([{ n: 1 }]);
  await expect(startPostgres({ dataDir })).rejects.toThrow(/another Postgres \(process \d+\) runs on/);
  await second.stop();
  rmSync(dataDir, { recursive: true });
}, 60_000);
