import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { connectDatabase } from "./data-source";
import { connectRedisJournal } from "./connect-redis-journal";
import { prepareTestSchema, type TestSchema } from "./testing/test-schema";

jest.setTimeout(30_000);

describe("the looks' own connections", () => {
  let schema: TestSchema;
  beforeAll(async () => {
    schema = await prepareTestSchema(await useTestPostgres());
  });
  afterAll(() => schema.drop());

  const note = { role: "state", kind: "session.revoked" } as const;

  it("are not needed: when Postgres has none left to give, the pool's are looked through", async () => {
    const user = `refused_${Date.now()}`;
    await schema.database.query(`create role ${user} login password 'refused' connection limit 0`);
    const url = new URL(schema.url);
    url.username = user;
    url.password = "refused";
    const journal = await connectRedisJournal(schema.database, {
      url: url.toString(),
      applicationName: "refused",
    });
    const id = await journal.append(note, { hashes: ["a"] });
    expect((await journal.look()).rows).toMatchObject([{ id, open: true }]);
    await journal.close();
    await schema.database.query(`drop role ${user}`);
  });

  it("say that nothing may be believed when only the journal can't be read", async () => {
    const journal = await connectRedisJournal(schema.database, {
      url: schema.url,
      applicationName: "locked",
    });
    await journal.advanceEpoch({ role: "state", expected: 0, servers: "one" });
    const { epochs } = await journal.look();
    const blocking = schema.database.transaction(async (tx) => {
      await tx.query("lock table redis_journal in access exclusive mode");
      await tx.query("select pg_sleep(4)");
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(await journal.look()).toEqual({ epochs, rows: [], overflow: true });
    await blocking;
    expect(await journal.look()).toMatchObject({ epochs, overflow: false });
    await journal.close();
  });

  it("are not those of a drain, which may take longer than a statement", async () => {
    const busy = await connectDatabase({ url: schema.url, applicationName: "busy", queryTimeoutMs: 1000 });
    const journal = await connectRedisJournal(busy, { url: schema.url, applicationName: "draining" });
    await journal.append(note, { hashes: ["slow to tell"] });
    await new Promise((resolve) => setTimeout(resolve, 300));
    const slowly = () => new Promise<void>((resolve) => setTimeout(resolve, 5000));
    expect(await journal.drain({ role: "state", limit: 100 }, slowly)).toBeGreaterThan(0);
    expect(await journal.countOpen()).toBe(0);
    await journal.close();
    await busy.close();
  });

  it("reject when Postgres can't be asked at all", async () => {
    const away = { ...schema.database, query: () => Promise.reject(new Error("away")) };
    const url = new URL(schema.url);
    url.port = "1";
    const journal = await connectRedisJournal(away, { url: url.toString(), applicationName: "away" });
    await expect(journal.look()).rejects.toThrow("away");
    await journal.close();
  });

  it("still answer when Postgres is slow, for whoever waits for that", async () => {
    const journal = await connectRedisJournal(schema.database, { url: schema.url, applicationName: "slow" });
    const blocking = schema.database.transaction(async (tx) => {
      await tx.query("lock table redis_epochs in access exclusive mode");
      await tx.query("select pg_sleep(1)");
    });
    await new Promise((resolve) => setTimeout(resolve, 100));
    await expect(journal.look()).resolves.toMatchObject({ overflow: false });
    await blocking;
    await journal.close();
  });
});
