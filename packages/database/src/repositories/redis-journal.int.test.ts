import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { journalBehaviour } from "@vibe-friend/redis-kit/testing/journal-behaviour";
import { setTimeout as sleep } from "node:timers/promises";
import { connectDatabase } from "../data-source";
import { prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { createRedisJournal, lookStatement } from "./redis-journal";

journalBehaviour("Postgres", async () => {
  const schema = await prepareTestSchema(await useTestPostgres());
  const elsewhere = await connectDatabase({ url: schema.url, applicationName: "another process" });
  return {
    journal: createRedisJournal(schema.database),
    other: createRedisJournal(elsewhere),
    async clear() {
      await schema.database.query("truncate redis_journal, redis_epochs");
    },
    async close() {
      await elsewhere.close();
      await schema.drop();
    },
  };
});

it("never gives an epoch twice, not even after a restore from a backup that knew of fewer", async () => {
  const schema = await prepareTestSchema(await useTestPostgres());
  const journal = createRedisJournal(schema.database);
  const advance = (expected: number, servers: string) =>
    journal.advanceEpoch({ role: "state", expected, servers });
  const backup = await advance(0, "one");
  const used = [backup.epoch];
  for (const servers of ["two", "three"]) used.push((await advance(used.at(-1) ?? 0, servers)).epoch);
  await schema.database.query("update redis_epochs set epoch = $1, servers = $2", [backup.epoch, "one"]);
  const { epoch } = await advance(backup.epoch, "three");
  expect(used).not.toContain(epoch);
  expect(epoch).toBeGreaterThan(Math.max(...used));
  await schema.drop();
});

describe("the journal's rows", () => {
  let schema: TestSchema;
  beforeAll(async () => {
    schema = await prepareTestSchema(await useTestPostgres());
  });
  afterAll(() => schema.drop());

  const note = { role: "state", kind: "session.revoked" } as const;

  it("are seen when they were committed after later ones", async () => {
    const journal = createRedisJournal(schema.database);
    let early = "";
    let commit: () => void = () => undefined;
    const committing = schema.database.transaction(async (tx) => {
      early = await createRedisJournal(tx).append(note, { hashes: ["early"] });
      await new Promise<void>((resolve) => (commit = resolve));
    });
    while (early === "") await sleep(5);
    const late = await journal.append(note, { hashes: ["late"] });
    expect((await journal.look()).rows.map(({ id }) => id)).toEqual([late]);
    commit();
    await committing;
    expect((await journal.look()).rows.map(({ id }) => id).sort()).toEqual([early, late].sort());
  });

  it("are not there when their transaction was rolled back", async () => {
    const journal = createRedisJournal(schema.database);
    let id = "";
    const failing = schema.database.transaction(async (tx) => {
      id = await createRedisJournal(tx).append(note, { hashes: ["never"] });
      throw new Error("the change failed");
    });
    await expect(failing).rejects.toThrow("the change failed");
    expect((await journal.look()).rows.map((row) => row.id)).not.toContain(id);
  });

  it("cost a look nothing once they are old: two indexes, no scan of a hundred thousand", async () => {
    await schema.database.query(
      `insert into redis_journal (role, kind, payload, created_at, drained_at)
       select 'state', 'session.revoked', '{"hashes":["x"]}', now() - n * interval '1 s', now() - n * interval '1 s'
       from generate_series(10, 100010) n`,
    );
    await schema.database.query("analyze redis_journal");
    const plan = await schema.database.query<{ "QUERY PLAN": string }>(
      `explain (analyze, buffers) ${lookStatement}`,
    );
    const lines = plan.map((row) => row["QUERY PLAN"]).join("\n");
    if (process.env["SHOW_PLAN"] !== undefined) process.stdout.write(`${lines}\n`);
    expect(lines).not.toMatch(/Seq Scan on redis_journal/);
    expect(lines).toMatch(/redis_journal_open/);
    expect(lines).toMatch(/redis_journal_drained/);
  });
});
