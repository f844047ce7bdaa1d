import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { createHash } from "node:crypto";
import { newGeneration, prepareTestSchema, readText, type TestSchema } from "../testing/test-schema";
import type { ClaimedGeneration, ClaimOptions, EventBatch, ResultFile } from "./claim-records";
import { FILE_PART_LENGTH } from "./file-contents";
import { createGenerationClaims } from "./generation-claims";
import { createGenerations, type Generations } from "./generations";

let schema: TestSchema;
let generations: Generations;
let userId: string;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
});
afterAll(() => schema.drop());
beforeEach(async () => {
  await schema.database.query("delete from generations");
  userId = await schema.addUser();
});

function claims(options: Partial<ClaimOptions> = {}) {
  return createGenerationClaims(schema.database, {
    workerId: "w",
    leaseMs: 6000,
    maxAttempts: 3,
    ...options,
  });
}

async function run(options?: Partial<ClaimOptions>, given = {}): Promise<ClaimedGeneration> {
  const { generation } = await generations.submit(newGeneration(userId, given));
  return (await claims(options).claim(generation.id))!;
}

function fileOf(path: string, content: string): ResultFile {
  const sha256 = createHash("sha256").update(content).digest("hex");
  return { path, content, bytes: Buffer.byteLength(content), sha256 };
}

const opened = (path: string): GenerationEventBody => ({ type: "file:opened", path, op: "write" });
const delta = (path: string, text: string): GenerationEventBody => ({ type: "file:delta", path, text });
const completed = ({ path, bytes, sha256 }: ResultFile): GenerationEventBody => ({
  ...{ type: "file:completed", path, bytes, sha256 },
});

/** The batch after whatever the log holds. */
async function batchOf(
  hold: ClaimedGeneration,
  events: readonly GenerationEventBody[],
  files: Pick<EventBatch, "saved" | "dropped"> = {},
): Promise<EventBatch> {
  const [position] = await generations.positions([hold.id]);
  return { hold, afterSeq: position!.lastSeq, events, ...files };
}

async function save(hold: ClaimedGeneration, ...files: ResultFile[]): Promise<void> {
  const events = files.flatMap((file) => [
    opened(file.path),
    delta(file.path, file.content),
    completed(file),
  ]);
  const { written } = await claims().appendEvents([await batchOf(hold, events, { saved: files })]);
  expect(written).toHaveLength(1);
}

async function append(hold: ClaimedGeneration, ...events: GenerationEventBody[]): Promise<void> {
  const dropped = events.flatMap((event) => (event.type === "file:opened" ? [event.path] : []));
  await claims().appendEvents([await batchOf(hold, events, { dropped })]);
}

async function readFiles(id: string): Promise<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const { path, partial } of await generations.listFiles(userId, id)) {
    const { file, content } = await generations.openFile(userId, id, path);
    const text = await readText(content);
    expect({ bytes: file.bytes, sha256: file.sha256 }).toEqual({
      bytes: Buffer.byteLength(text),
      sha256: createHash("sha256").update(text).digest("hex"),
    });
    texts[partial ? `${path} (partial)` : path] = text;
  }
  return texts;
}

async function readInbox(): Promise<{ seq: number; kind: string; title: string; body: string }[]> {
  return schema.database.query(
    "select seq, kind, title, body from notifications where user_id = $1 order by seq",
    [userId],
  );
}

const a = fileOf("a.ts", "export const a = 1;\n");
const b = fileOf("b.ts", "b");
const problem = { code: "model_timeout", title: "The model took too long" };

describe("files saved as they close", () => {
  it("are listed while the generation runs, and are what the next run goes on after", async () => {
    const hold = await run();
    expect(hold.completedFiles).toEqual([]);
    await save(hold, b, a);
    expect(await readFiles(hold.id)).toEqual({ "a.ts": a.content, "b.ts": b.content });
    await claims().handBack(hold);
    const next = await claims().claim(hold.id);
    expect(next?.completedFiles).toEqual([a, b].map(({ path, bytes, sha256 }) => ({ path, bytes, sha256 })));
    expect(await claims().readFile(hold.id, a)).toBe(a.content);
    await expect(claims().readFile(hold.id, { ...a, sha256: b.sha256 })).rejects.toMatchObject({
      code: "not_found",
    });
  });

  it("are replaced when they close again, and gone while they are open again", async () => {
    const hold = await run();
    const large = fileOf("a.ts", "x".repeat(3 * FILE_PART_LENGTH));
    const smaller = fileOf("a.ts", "y".repeat(2 * FILE_PART_LENGTH));
    for (const file of [a, large, smaller, large, a]) {
      await save(hold, file);
      expect(await readFiles(hold.id)).toEqual({ "a.ts": file.content });
    }
    await save(hold, large);
    await append(hold, opened("a.ts"));
    expect(await readFiles(hold.id)).toEqual({});
    const [parts] = await schema.database.query("select count(*)::int from generation_file_parts");
    expect(parts).toEqual({ count: 0 });
  });

  it("come back as they were, however large, cut within no character", async () => {
    const hold = await run();
    const whole = fileOf("whole.txt", "a".repeat(FILE_PART_LENGTH));
    const emoji = fileOf("emoji.txt", `x${"😀".repeat(FILE_PART_LENGTH)}"quoted" \\ {}`);
    const empty = fileOf("empty.txt", "");
    await save(hold, whole, emoji, empty);
    const read = await readFiles(hold.id);
    expect(read["emoji.txt"] === emoji.content && read["whole.txt"] === whole.content).toBe(true);
    expect(read["empty.txt"]).toBe("");
    expect((await claims().readFile(hold.id, emoji)) === emoji.content).toBe(true);
  });

  it("belong to their owner alone, part by part", async () => {
    const hold = await run();
    await save(hold, a);
    const other = await schema.addUser();
    await expect(generations.openFile(other, hold.id, "a.ts")).rejects.toMatchObject({ code: "not_found" });
    await expect(generations.openFile(userId, hold.id, "none")).rejects.toMatchObject({ code: "not_found" });
  });

  it("aren't read as a mixture when they are written anew meanwhile", async () => {
    const hold = await run();
    await save(hold, fileOf("a.ts", "x".repeat(2 * FILE_PART_LENGTH)));
    const { content } = await generations.openFile(userId, hold.id, "a.ts");
    const reading = content[Symbol.asyncIterator]();
    await reading.next();
    await save(hold, fileOf("a.ts", "y".repeat(2 * FILE_PART_LENGTH)));
    await expect(reading.next()).rejects.toMatchObject({ code: "not_found" });
  });

  it("change nothing when a worker that lost its row saves or drops them", async () => {
    const late = await run();
    await save(late, a);
    await claims().handBack(late);
    const heir = (await claims().claim(late.id))!;
    const files = { saved: [fileOf("a.ts", "late"), b], dropped: ["c.ts"] };
    const batch = await batchOf(late, [completed(b)], files);
    expect(await claims().appendEvents([batch])).toEqual({ written: [], fenced: [late] });
    const drop = await batchOf(late, [opened("a.ts")], { dropped: ["a.ts"] });
    expect(await claims().appendEvents([drop])).toEqual({ written: [], fenced: [late] });
    expect(await readFiles(late.id)).toEqual({ "a.ts": a.content });
    expect(await claims().complete(heir, { files: [a], events: [] })).toBeDefined();
  });

  it("are saved once when their batch is offered again because its answer was lost", async () => {
    const hold = await run();
    const batch = await batchOf(hold, [opened("a.ts"), completed(a)], { saved: [a] });
    const first = await claims().appendEvents([batch]);
    await append(hold, opened("a.ts"));
    await save(hold, b);
    // An older write that comes late is not found at the log's end, and must not bring its file back.
    expect(await claims().appendEvents([batch])).toEqual(first);
    expect(await readFiles(hold.id)).toEqual({ "b.ts": "b" });
  });

  it("are saved with their events or not at all", async () => {
    const [hold, other] = [await run(), await run()];
    const bad = { ...b, content: "a NUL \u0000" };
    await expect(
      claims().appendEvents([
        await batchOf(hold, [completed(a)], { saved: [a] }),
        await batchOf(other, [completed(bad)], { saved: [bad] }),
      ]),
    ).rejects.toThrow();
    expect(await generations.positions([hold.id])).toMatchObject([{ lastSeq: 1 }]);
    expect(await readFiles(hold.id)).toEqual({});
  });
});

describe("completing", () => {
  it("makes exactly the saved files the result", async () => {
    const hold = await run();
    await save(hold, a, b);
    const written = await claims().complete(hold, { files: [b, a], events: [] });
    expect(written?.events).toMatchObject([{ type: "completed", files: 2 }]);
    expect(await generations.find(userId, hold.id)).toMatchObject({ status: "completed", filesCount: 2 });
    expect((await generations.listFiles(userId, hold.id)).map(({ partial }) => partial)).toEqual([
      false,
      false,
    ]);
  });

  it.each<[string, readonly ResultFile[], string]>([
    ["a file is missing", [a], "delete from generation_files where path = 'b.ts'"],
    ["a file is too many", [a], ""],
    [
      "a file's hash differs",
      [a, b],
      `update generation_files set sha256 = repeat('0', 64) where path = 'b.ts'`,
    ],
    ["a file was never saved", [a, b, fileOf("c.ts", "c")], ""],
  ])("is refused when %s, and leaves the run as it was", async (what, expected, tamper) => {
    const hold = await run();
    await save(hold, a, b);
    if (tamper !== "") await schema.database.query(tamper);
    const files = what === "a file is missing" ? [a, b] : expected;
    await expect(claims().complete(hold, { files, events: [] })).rejects.toMatchObject({
      name: "SavedFilesDiffer",
    });
    expect(await generations.find(userId, hold.id)).toMatchObject({ status: "running" });
    expect(await readInbox()).toEqual([]);
    expect(await claims().fail(hold, { problem, events: [] })).toMatchObject({ kind: "failed" });
  });
});

describe("what an ended run left open", () => {
  const half = `half ${"\u00fc".repeat(10)}`;

  async function leaveOpen(hold: ClaimedGeneration): Promise<void> {
    await save(hold, a);
    await append(hold, opened("b.ts"), delta("b.ts", "forgotten"), opened("b.ts"), delta("b.ts", half));
    await append(hold, { type: "progress", percent: 50, stage: "Writing" }, delta("b.ts", " more"));
  }

  it("is kept, marked, by a cancel", async () => {
    const hold = await run();
    await leaveOpen(hold);
    const { generation } = await generations.cancel(userId, hold.id);
    expect(await readFiles(hold.id)).toEqual({ "a.ts": a.content, "b.ts (partial)": `${half} more` });
    expect(generation.filesCount).toBe(2);
    expect(await generations.find(userId, hold.id)).toEqual(generation);
  });

  it("is kept, marked, by the last failure, and not by one that is tried again", async () => {
    const hold = await run();
    await leaveOpen(hold);
    await claims().fail(hold, { problem, events: [], retryAfterMs: 0 });
    expect(await readFiles(hold.id)).toEqual({ "a.ts": a.content });
    const again = (await claims().claim(hold.id))!;
    expect(again.completedFiles).toMatchObject([{ path: "a.ts" }]);
    await claims().fail(again, { problem, events: [] });
    expect(await readFiles(hold.id)).toEqual({ "a.ts": a.content, "b.ts (partial)": `${half} more` });
    expect(await generations.find(userId, hold.id)).toMatchObject({ filesCount: 2 });
  });

  it("is kept, marked, when the last worker died", async () => {
    const options = { leaseMs: 1, maxAttempts: 1 };
    const hold = await run(options);
    await leaveOpen(hold);
    await schema.database.query("select pg_sleep(0.02)");
    const { failed } = await claims(options).sweep();
    expect(failed).toMatchObject([{ generationId: hold.id, events: [{ type: "failed" }] }]);
    expect(await generations.find(userId, hold.id)).toMatchObject({ filesCount: 2 });
    expect(await readFiles(hold.id)).toEqual({ "a.ts": a.content, "b.ts (partial)": `${half} more` });
  });

  it("is nothing when the last file was completed, and an empty file when nothing was written", async () => {
    const [done, empty] = [await run(), await run()];
    await append(done, opened("b.ts"), delta("b.ts", "x"));
    await save(done, b);
    await append(empty, opened("b.ts"));
    for (const { id } of [done, empty]) await generations.cancel(userId, id);
    expect(await readFiles(done.id)).toEqual({ "b.ts": "b" });
    expect(await readFiles(empty.id)).toEqual({ "b.ts (partial)": "" });
  });

  it("goes with a retry, with the archive, while completed files stay for it to go on after", async () => {
    const hold = await run();
    await leaveOpen(hold);
    await claims().fail(hold, { problem, events: [] });
    await schema.database.query("insert into archives (generation_id) values ($1)", [hold.id]);
    await generations.retry(userId, hold.id);
    expect(await readFiles(hold.id)).toEqual({ "a.ts": a.content });
    expect(await schema.database.query("select 1 from archives")).toEqual([]);
    const again = (await claims().claim(hold.id))!;
    expect(again.completedFiles).toMatchObject([{ path: "a.ts" }]);
    await save(again, b);
    expect(await claims().complete(again, { files: [a, b], events: [] })).toBeDefined();
  });

  it("has the text of every batch, as many as there are", async () => {
    const hold = await run();
    const texts = Array.from({ length: 6 }, (_, index) => `${index}`.repeat(60_000));
    await append(hold, opened("big.txt"));
    for (const text of texts) await append(hold, delta("big.txt", text));
    await generations.cancel(userId, hold.id);
    const read = await readFiles(hold.id);
    expect(read["big.txt (partial)"] === texts.join("")).toBe(true);
  });
});

describe("the owner", () => {
  it("is told once of each end, with numbers in order", async () => {
    const prompt = `a shop\n with   ${"very ".repeat(100)}many products`;
    const [done, broken, cancelled] = [await run({}, { prompt }), await run(), await run()];
    await save(done, a);
    const completion = { files: [a], events: [] };
    const first = await claims().complete(done, completion);
    expect(first?.inbox).toEqual({ userId, lastSeq: 1 });
    expect(await claims().complete(done, completion)).toEqual(first);
    const failed = await claims().fail(broken, { problem, events: [] });
    expect(failed).toMatchObject({ kind: "failed", written: { inbox: { userId, lastSeq: 2 } } });
    expect(await claims().fail(broken, { problem, events: [] })).toEqual(failed);
    await generations.cancel(userId, cancelled.id);
    expect(await claims().complete(cancelled, completion)).toBeUndefined();
    const inbox = await readInbox();
    expect(inbox).toMatchObject([
      { seq: 1, kind: "completed", title: "Your program is ready" },
      { seq: 2, kind: "failed", title: "A generation failed" },
    ]);
    expect(inbox[0]?.body).toMatch(/^“a shop with very very .*…” has 1 file\.$/);
    expect(inbox[0]?.body.length).toBeLessThan(110);
    expect(inbox[1]?.body).toBe("“a library with books”: The model took too long.");
  });

  it("isn't told of a failure that is tried again", async () => {
    const hold = await run();
    await claims().fail(hold, { problem, events: [], retryAfterMs: 0 });
    expect(await readInbox()).toEqual([]);
  });

  it("is told by the sweep, once, by however many sweepers", async () => {
    const options = { leaseMs: 1, maxAttempts: 1 };
    const holds = [await run(options), await run(options), await run(options)];
    await schema.database.query("select pg_sleep(0.02)");
    const swept = await Promise.all(Array.from({ length: 4 }, () => claims(options).sweep()));
    const failed = swept.flatMap((one) => one.failed);
    expect(failed.map(({ generationId }) => generationId).sort()).toEqual(holds.map(({ id }) => id).sort());
    expect(failed.map(({ inbox }) => inbox?.lastSeq).sort()).toEqual([1, 2, 3]);
    expect(await readInbox()).toMatchObject([1, 2, 3].map((seq) => ({ seq, kind: "failed" })));
  });
});

describe("a failure that doesn't count", () => {
  it("gives the attempt back, however many come", async () => {
    const { id } = await run();
    let hold = { id, claimToken: 1 };
    for (let time = 0; time < 5; time += 1) {
      const failure = { problem, events: [], retryAfterMs: 0, isCounted: false };
      expect(await claims().fail(hold, failure)).toMatchObject({ kind: "requeued" });
      expect(await generations.find(userId, id)).toMatchObject({ status: "queued", attempt: 0 });
      hold = (await claims().claim(id))!;
      expect(hold).toMatchObject({ attempt: 1 });
    }
    expect(await claims().fail(hold, { problem, events: [] })).toMatchObject({ kind: "failed" });
  });
});
