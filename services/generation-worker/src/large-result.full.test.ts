import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { runLargeResult } from "./testing/large-result";

const MEGABYTE = 1024 * 1024;

let schema: TestSchema;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
}, 30_000);

afterAll(() => schema.drop());

describe("a result of 200 MB", () => {
  it("is saved file by file by a worker whose memory stays flat", async () => {
    const result = { files: 25, fileBytes: 8 * MEGABYTE };
    const { heldBytes } = await runLargeResult(schema, result, 400_000);
    // One file that is written and one that is being saved, as text and as bytes.
    expect(heldBytes).toBeLessThan(48 * MEGABYTE);
  }, 420_000);
});
