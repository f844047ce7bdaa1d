import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import type { Page } from "@vibe-friend/contracts/ids";
import { generationSchema, type Generation } from "@vibe-friend/contracts/generation";
import { v7 as createId } from "uuid";
import { newGeneration, prepareTestSchema, readText, type TestSchema } from "../testing/test-schema";
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
  userId = await schema.addUser();
});

function claims() {
  return createGenerationClaims(schema.database, { workerId: "w", leaseMs: 6000, maxAttempts: 3 });
}

async function submit(given: Parameters<typeof newGeneration>[1] = {}): Promise<Generation> {
  return (await generations.submit(newGeneration(userId, given))).generation;
}

async function complete(id: string): Promise<void> {
  const hold = await claims().claim(id);
  const file = { path: "a.ts", content: "1", bytes: 1, sha256: "0".repeat(64) };
  const events = [{ type: "file:completed" as const, path: "a.ts", bytes: 1, sha256: file.sha256 }];
  await claims().appendEvents([{ hold: hold!, afterSeq: hold!.lastSeq, events, saved: [file] }]);
  await claims().complete(hold!, { files: [file], events: [] });
}

describe("submitting", () => {
  it("stores the row and its first event, as contracts describe them", async () => {
    const { generation, events, created } = await generations.submit(newGeneration(userId));
    expect(created).toBe(true);
    expect(generationSchema.parse(generation)).toEqual(generation);
    expect(generation).toMatchObject({ status: "queued", attempt: 0, lastSeq: 1, filesCount: 0 });
    expect(events).toEqual([
      { generationId: generation.id, seq: 1, at: generation.createdAt, type: "queued" },
    ]);
    expect(await generations.events(generation.id, 0, 10)).toEqual(events);
    expect(await generations.find(userId, generation.id)).toEqual(generation);
  });

  it("makes one generation of 100 requests with one idempotency key at once", async () => {
    const idempotency = { key: "k", hash: "h" };
    const answers = await Promise.all(
      Array.from({ length: 100 }, () =>
        generations.submit(newGeneration(userId, { idempotency, maxOpen: 1 })),
      ),
    );
    expect(new Set(answers.map((answer) => answer.generation.id)).size).toBe(1);
    expect(answers.filter((answer) => answer.created)).toHaveLength(1);
    expect((await generations.list(userId, { limit: 10 })).items).toHaveLength(1);
  });

  it("refuses an idempotency key with another request", async () => {
    await submit({ idempotency: { key: "k", hash: "one" } });
    await expect(submit({ idempotency: { key: "k", hash: "two" } })).rejects.toMatchObject({
      name: "IdempotencyConflict",
      code: "idempotency_conflict",
    });
  });

  it("keeps one user's idempotency keys apart from another's", async () => {
    const idempotency = { key: "k", hash: "one" };
    const first = await submit({ idempotency });
    userId = await schema.addUser();
    expect((await submit({ idempotency: { key: "k", hash: "two" } })).id).not.toBe(first.id);
  });

  it("lets exactly as many through as may be open, however many come at once", async () => {
    const answers = await Promise.allSettled(Array.from({ length: 30 }, () => submit({ maxOpen: 7 })));
    expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(7);
    const refused = answers.filter((answer) => answer.status === "rejected");
    expect(refused[0]?.reason).toMatchObject({ code: "quota_exceeded", limitName: "open", limit: 7 });
  });

  it("counts a day's submissions even when they are deleted", async () => {
    const first = await submit({ dailyLimit: 2 });
    await generations.cancel(userId, first.id);
    await generations.remove(userId, first.id);
    await submit({ dailyLimit: 2 });
    await expect(submit({ dailyLimit: 2 })).rejects.toMatchObject({ limitName: "daily", limit: 2 });
  });
});

describe("reading", () => {
  it("gives newest first, every one once, page by page", async () => {
    const all: string[] = [];
    for (let i = 0; i < 7; i += 1) all.unshift((await submit()).id);
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page: Page<Generation> = await generations.list(userId, {
        limit: 3,
        ...(cursor ? { cursor } : {}),
      });
      seen.push(...page.items.map((item) => item.id));
      cursor = page.nextCursor ?? undefined;
    } while (cursor !== undefined);
    expect(seen).toEqual(all);
  });

  it("filters by status and by a part of the prompt, taken literally", async () => {
    const percent = await submit({ prompt: "A shop with 50% Off" });
    await submit({ prompt: "a shop with 500 offers" });
    const found = await generations.list(userId, { limit: 10, q: "50% off" });
    expect(found.items.map((item) => item.id)).toEqual([percent.id]);
    await generations.cancel(userId, percent.id);
    const cancelled = await generations.list(userId, { limit: 10, status: "cancelled" });
    expect(cancelled.items.map((item) => item.id)).toEqual([percent.id]);
  });

  it.each(["", "x", "MTIz", Buffer.from("1.'; drop").toString("base64url")])(
    "refuses the cursor %j",
    (cursor) =>
      expect(generations.list(userId, { limit: 1, cursor })).rejects.toMatchObject({
        code: "invalid_request",
      }),
  );

  it("shows nobody else's generation, and does nothing to it", async () => {
    const { id } = await submit();
    await complete(id);
    const other = await schema.addUser();
    const notFound = { code: "not_found" };
    expect(await generations.find(other, id)).toBeUndefined();
    expect((await generations.list(other, { limit: 10 })).items).toEqual([]);
    await expect(generations.cancel(other, id)).rejects.toMatchObject(notFound);
    await expect(generations.retry(other, id)).rejects.toMatchObject(notFound);
    await expect(generations.remove(other, id)).rejects.toMatchObject(notFound);
    await expect(generations.listFiles(other, id)).rejects.toMatchObject(notFound);
    await expect(generations.openFile(other, id, "a.ts")).rejects.toMatchObject(notFound);
    await expect(generations.openFile(userId, id, "b.ts")).rejects.toMatchObject(notFound);
    expect(await readText((await generations.openFile(userId, id, "a.ts")).content)).toBe("1");
    expect(await generations.owner(id)).toBe(userId);
  });

  it("leaves unknown ids out of the positions", async () => {
    const { id } = await submit();
    expect(await generations.positions([createId(), id])).toEqual([
      { id, userId, status: "queued", lastSeq: 1 },
    ]);
  });
});

describe("changing", () => {
  it("cancels once and answers the same when asked again", async () => {
    const { id } = await submit();
    const first = await generations.cancel(userId, id);
    expect(first.events).toMatchObject([{ seq: 2, type: "cancelled" }]);
    const again = await generations.cancel(userId, id);
    expect(again).toEqual({ generation: first.generation, events: [] });
  });

  it("refuses to cancel, or run again, a completed one", async () => {
    const { id } = await submit();
    await complete(id);
    await expect(generations.cancel(userId, id)).rejects.toMatchObject({ code: "wrong_state" });
    await expect(generations.retry(userId, id)).rejects.toMatchObject({ code: "wrong_state" });
  });

  it("runs a cancelled one again: attempts from 0, seq going on", async () => {
    const { id } = await submit();
    await claims().claim(id);
    await generations.cancel(userId, id);
    const { generation, events } = await generations.retry(userId, id, { maxOpen: 1, dailyLimit: 1 });
    expect(generation).toMatchObject({ status: "queued", attempt: 0, finishedAt: null, startedAt: null });
    expect(events).toMatchObject([{ seq: 3, type: "queued" }]);
    await expect(generations.retry(userId, id)).rejects.toMatchObject({ code: "wrong_state" });
    expect(await claims().claim(id)).toMatchObject({ attempt: 1, lastSeq: 3 });
  });

  it("holds a repeated run to the open limit", async () => {
    const { id } = await submit();
    await generations.cancel(userId, id);
    await submit();
    const limits = { maxOpen: 1, dailyLimit: 0 };
    await expect(generations.retry(userId, id, limits)).rejects.toMatchObject({ limitName: "open" });
  });

  it("deletes an ended one with all it has, and no open one", async () => {
    const { id } = await submit();
    await expect(generations.remove(userId, id)).rejects.toMatchObject({ code: "wrong_state" });
    await complete(id);
    await generations.remove(userId, id);
    expect(await generations.find(userId, id)).toBeUndefined();
    const [usage] = await schema.database.query(
      "select submitted, removed from generation_usage where user_id = $1",
      [userId],
    );
    expect(usage).toEqual({ submitted: 1, removed: 1 });
    expect(await generations.events(id, 0, 10)).toEqual([]);
  });
});
