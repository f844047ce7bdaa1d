import { startPostgres, type PostgresServer } from "@vibe-friend/local-stack/postgres-server";
import { setTimeout as sleep } from "node:timers/promises";
import { connectDatabase, type Database, type DatabaseOptions } from "./data-source";
import { DatabaseUnavailable } from "./errors";

const opened: Database[] = [];
async function connect(url: string, options: Partial<DatabaseOptions> = {}): Promise<Database> {
  const database = await connectDatabase({ url, applicationName: "test", queryTimeoutMs: 800, ...options });
  opened.push(database);
  return database;
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  for (let left = 100; !(await isTrue()); left -= 1) {
    if (left === 0) throw new Error("it didn't happen within 10 s");
    await sleep(100);
  }
}

const answers = (database: Database) =>
  database.ping().then(
    () => true,
    () => false,
  );

describe("a process", () => {
  let postgres: PostgresServer;
  beforeAll(async () => {
    postgres = await startPostgres();
  }, 30_000);
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((database) => database.close()));
  });
  afterAll(() => postgres.stop());

  it("starts while Postgres is away, says so at once, and connects by itself when it comes", async () => {
    await postgres.kill();
    const database = await connect(postgres.url);
    expect(database.isReachable()).toBe(false);
    await expect(database.query("select 1")).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(database.transaction((tx) => tx.query("select 1"))).rejects.toMatchObject({
      code: "unavailable",
      retryable: true,
    });
    await postgres.restart();
    // Nobody asks: the look that is taken every second finds it.
    await until(() => database.isReachable());
    expect(await database.query("select 1 as n")).toEqual([{ n: 1 }]);
  }, 20_000);

  it("gets DatabaseUnavailable when its connection ends between two statements of a transaction", async () => {
    const database = await connect(postgres.url, { waitForMs: 5000 });
    const witness = await connect(postgres.url, { applicationName: "witness", waitForMs: 5000 });
    const betweenStatements = (after: (tx: Pick<Database, "query">) => Promise<unknown>) =>
      database.transaction(async (tx) => {
        const [row] = await tx.query<{ pid: number }>("select pg_backend_pid() as pid");
        await witness.query("select pg_terminate_backend($1)", [row?.pid]);
        await sleep(100);
        await after(tx);
      });
    await expect(betweenStatements((tx) => tx.query("select 1"))).rejects.toBeInstanceOf(DatabaseUnavailable);
    const committing = betweenStatements(() => Promise.resolve());
    await expect(committing).rejects.toBeInstanceOf(DatabaseUnavailable);
  });

  it("gets DatabaseUnavailable while Postgres restarts after a crash, then goes on", async () => {
    const database = await connect(postgres.url, { waitForMs: 5000 });
    const inFlight = database.query("select pg_sleep(10)");
    await sleep(50);
    await Promise.all([expect(inFlight).rejects.toBeInstanceOf(DatabaseUnavailable), postgres.kill()]);
    await expect(database.query("select 1")).rejects.toBeInstanceOf(DatabaseUnavailable);
    await expect(database.entities((manager) => manager.query("select 1"))).rejects.toBeInstanceOf(
      DatabaseUnavailable,
    );
    expect(database.isReachable()).toBe(false);
    await postgres.restart();
    await until(() => database.isReachable());
    expect(await database.query("select 1 as n")).toEqual([{ n: 1 }]);
  }, 20_000);

  it("waits no longer than the limit for a Postgres that hangs, keeps no dead connection, and notices the return", async () => {
    const database = await connect(postgres.url, { waitForMs: 5000, poolSize: 2 });
    await Promise.all([database.ping(), database.ping()]);
    postgres.freeze();
    try {
      const startedAt = performance.now();
      const all = [1, 2, 3, 4].map(() => database.query("select 1"));
      for (const answer of await Promise.allSettled(all)) {
        expect(answer).toMatchObject({ status: "rejected", reason: { code: "unavailable" } });
      }
      expect(performance.now() - startedAt).toBeLessThan(1500);
      expect(database.isReachable()).toBe(false);
      await sleep(2100);
    } finally {
      postgres.resume();
    }
    await until(() => answers(database));
    expect(await Promise.all([1, 2, 3, 4].map(() => database.query("select 1 as n")))).toHaveLength(4);
    expect(database.regainedMsAgo()).toBeLessThan(10_000);
  }, 20_000);

  it("ends a slow statement on the server too, and uses the pool again", async () => {
    const database = await connect(postgres.url, { waitForMs: 5000, poolSize: 1 });
    await expect(database.query("select pg_sleep(5)")).rejects.toBeInstanceOf(DatabaseUnavailable);
    expect(await database.query("select 1 as n")).toEqual([{ n: 1 }]);
    const running = await database.query(
      "select pid from pg_stat_activity where query like 'select pg_sleep%' and state = 'active'",
    );
    expect(running).toEqual([]);
    expect(database.regainedMsAgo()).toBeUndefined();
  });

  it("rolls back when the work fails, and sees mistakes in SQL as they are", async () => {
    const database = await connect(postgres.url, { waitForMs: 5000 });
    await database.query("create table if not exists notes (n int)");
    const failing = database.transaction(async (tx) => {
      await tx.query("insert into notes values (1)");
      await tx.query("select nonsense");
    });
    await expect(failing).rejects.toMatchObject({ code: "42703" });
    expect(await database.query("select * from notes")).toEqual([]);
    expect(database.isReachable()).toBe(true);
  });

  it("knows the database's clock", async () => {
    const database = await connect(postgres.url, { waitForMs: 5000 });
    expect(Math.abs(database.now() - Date.now())).toBeLessThan(100);
  });
});
