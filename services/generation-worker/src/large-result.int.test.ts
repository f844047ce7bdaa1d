import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { runLargeResult } from "./testing/large-result";

const MEGABYTE = 1024 * 1024;

let schema: TestSchema;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
}, 30_000);

afterAll(() => schema.drop());

describe("a large result", () => {
  it("is saved file by file by a worker that keeps none of them", async () => {
    const result = { files: 24, fileBytes: MEGABYTE };
    const { heldBytes } = await runLargeResult(schema, result, 60_000);
    expect(heldBytes).toBeLessThan(18 * MEGABYTE);
  }, 70_000);
});
