import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { connectRedisJournal } from "./connect-redis-journal";
import { prepareTestSchema, type TestSchema } from "./testing/test-schema";

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
