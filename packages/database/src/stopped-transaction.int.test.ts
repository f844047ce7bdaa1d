import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { prepareTestSchema, type TestSchema } from "./testing/test-schema";
import { createDataSource } from "./typeorm-options";

let schema: TestSchema;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
});
afterAll(() => schema.drop());

it("frees what a process that was stopped within a transaction has locked, soon after its deadline", async () => {
  const limits = { applicationName: "stopped", poolSize: 1, connectTimeoutMs: 5000, queryTimeoutMs: 1000 };
  const stopped = await createDataSource(schema.url, limits).initialize();
  const runner = stopped.createQueryRunner();
  await runner.startTransaction();
  await runner.query("select pg_advisory_xact_lock(1)");
  const startedAt = performance.now();
  for (;;) {
    const [row] = await schema.database.query<{ free: boolean }>(
      "select pg_try_advisory_xact_lock(1) as free",
    );
    if (row?.free === true) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  expect(performance.now() - startedAt).toBeLessThan(4500);
  await runner.release();
  await stopped.destroy();
}, 15_000);
