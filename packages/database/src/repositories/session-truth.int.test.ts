import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import type { JournalEntry, JournalNote } from "@vibe-friend/redis-kit/journal/journal-store";
import type { SessionRecord } from "@vibe-friend/redis-kit/sessions/session-record";
import { setTimeout as sleep } from "node:timers/promises";
import { v7 as createId } from "uuid";
import { prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { createRedisJournal } from "./redis-journal";
import { createSessionTruth } from "./session-truth";
import { createUsers } from "./users";

let schema: TestSchema;
let userId: string;
beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
});
afterAll(() => schema.drop());
beforeEach(async () => {
  userId = await schema.addUser();
  await schema.database.query("delete from redis_journal");
});

const note: JournalNote = { role: "state", kind: "session.revoked" };

function newRecord(given: Partial<SessionRecord> = {}): SessionRecord {
  const now = schema.database.now();
  return {
    id: createId(),
    userId,
    userEpoch: 1,
    createdAt: now,
    lastSeenAt: now,
    idleExpiresAt: now + 60_000,
    absoluteExpiresAt: now + 600_000,
    userAgent: "test",
    ...given,
  };
}

async function open(given: Partial<SessionRecord> = {}) {
  const record = newRecord(given);
  const hash = `hash-${record.id}`;
  await createSessionTruth(schema.database).insert(hash, record);
  return { hash, record };
}

describe("a session", () => {
  it("is found as it was stored", async () => {
    const truth = createSessionTruth(schema.database);
    const { hash, record } = await open();
    expect(await truth.find(hash)).toEqual(record);
    expect(await truth.find("unknown")).toBeUndefined();
    expect(await truth.listByUser(userId)).toEqual([record]);
  });

  it.each([
    ["its idle limit has passed", { idleExpiresAt: 1 }],
    ["its absolute limit has passed", { absoluteExpiresAt: 1 }],
  ])("is over when %s on the database's clock", async (_, given) => {
    const truth = createSessionTruth(schema.database);
    const { hash } = await open(given);
    expect(await truth.find(hash)).toBeUndefined();
    expect(await truth.listByUser(userId)).toEqual([]);
  });

  it("is over, and can't be made, when its user is disabled", async () => {
    const truth = createSessionTruth(schema.database);
    const { hash } = await open();
    await createUsers(schema.database).setDisabled(userId, true);
    expect(await truth.find(hash)).toBeUndefined();
    await expect(open({ userEpoch: 2 })).rejects.toMatchObject({ name: "SessionRefused" });
    await createUsers(schema.database).setDisabled(userId, false);
    expect(await truth.find(hash)).toBeUndefined();
    await expect(open({ userEpoch: 1 })).rejects.toMatchObject({ name: "SessionRefused" });
    await open({ userEpoch: 2 });
  });

  it("moves its idle limit with use, never back and never beyond the absolute one", async () => {
    const truth = createSessionTruth(schema.database);
    const { hash, record } = await open();
    await truth.touch(hash, record.createdAt + 5, record.idleExpiresAt + 5);
    await truth.touch(hash, record.createdAt + 1, record.idleExpiresAt + 1);
    expect(await truth.find(hash)).toEqual({
      ...record,
      lastSeenAt: record.createdAt + 5,
      idleExpiresAt: record.idleExpiresAt + 5,
    });
    await truth.touch(hash, record.createdAt + 9, record.absoluteExpiresAt + 9);
    expect(await truth.find(hash)).toMatchObject({ idleExpiresAt: record.absoluteExpiresAt });
  });

  it("stays over when a late touch comes", async () => {
    const truth = createSessionTruth(schema.database);
    const { hash, record } = await open();
    await truth.revoke({ kind: "hash", hash }, note);
    await truth.touch(hash, record.lastSeenAt + 1000, record.idleExpiresAt + 1000);
    expect(await truth.find(hash)).toBeUndefined();
  });
});

describe("revoking", () => {
  it("journals what it ended in the same transaction, and nothing when it ended nothing", async () => {
    const truth = createSessionTruth(schema.database);
    const [kept, first, second] = [await open(), await open(), await open()];
    const other = await schema.addUser();
    expect(await truth.revoke({ kind: "one", userId: other, sessionId: first.record.id }, note)).toEqual([]);
    const revoked = await truth.revoke({ kind: "user", userId, except: kept.record.id }, note);
    expect(revoked.map((session) => session.hash).sort()).toEqual([first.hash, second.hash].sort());
    expect(await truth.revoke({ kind: "one", userId, sessionId: first.record.id }, note)).toEqual([]);
    expect(await truth.find(first.hash)).toBeUndefined();
    expect(await truth.find(kept.hash)).toEqual(kept.record);
    const rows = await schema.database.query<JournalEntry>("select role, kind, payload from redis_journal");
    expect(rows).toEqual([{ ...note, payload: { hashes: revoked.map((session) => session.hash) } }]);
  });

  it("ends nothing when the journal can't take it", async () => {
    const truth = createSessionTruth(schema.database);
    const { hash } = await open();
    await schema.database.query("alter table redis_journal add constraint full_disk check (false) not valid");
    await expect(truth.revoke({ kind: "hash", hash }, note)).rejects.toThrow("full_disk");
    await schema.database.query("alter table redis_journal drop constraint full_disk");
    expect(await truth.find(hash)).toBeDefined();
  });
});

describe("the journal", () => {
  it("hands each open row to one of many that drain at once", async () => {
    const journal = createRedisJournal(schema.database);
    for (let i = 0; i < 30; i += 1) await journal.append(note, { hashes: [String(i)] });
    await journal.append({ role: "cache", kind: "cache.invalidated" }, { keys: ["k"] });
    const seen: string[] = [];
    const counts = await Promise.all(
      Array.from({ length: 6 }, () =>
        journal.drain({ role: "state", limit: 5 }, async (entries) => {
          seen.push(...entries.map((entry) => entry.id));
          await sleep(30);
        }),
      ),
    );
    expect(counts).toEqual([5, 5, 5, 5, 5, 5]);
    expect(new Set(seen).size).toBe(30);
    expect(await journal.countOpen()).toBe(1);
    expect(await journal.drain({ role: "state", limit: 5 }, () => Promise.resolve())).toBe(0);
  });

  it("keeps rows open that could not be applied, and prunes only drained ones", async () => {
    const journal = createRedisJournal(schema.database);
    await journal.append(note, { hashes: ["a"] });
    const failing = journal.drain({ role: "state", limit: 5 }, () =>
      Promise.reject(new Error("Redis is away")),
    );
    await expect(failing).rejects.toThrow("Redis is away");
    expect(await journal.prune(0)).toBe(0);
    await journal.drain({ role: "state", limit: 5 }, (entries) => {
      expect(entries).toMatchObject([{ ...note, payload: { hashes: ["a"] } }]);
      return Promise.resolve();
    });
    expect(await journal.prune(60_000)).toBe(0);
    expect(await journal.prune(-1)).toBe(1);
  });
});
