import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import type { JournalEntry, JournalNote } from "@vibe-friend/redis-kit/journal/journal-store";
import type { SessionRecord } from "@vibe-friend/redis-kit/sessions/session-record";
import { v7 as createId } from "uuid";
import { prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { createRedisJournal } from "./redis-journal";
import { createSessionTruth } from "./session-truth";
import { createUserChanges } from "./user-changes";
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
    const { rows } = await createRedisJournal(schema.database).look();
    expect(rows).toMatchObject([{ ...note, payload: { hashes: [hash] }, open: true }]);
    await expect(open({ userEpoch: 2 })).rejects.toMatchObject({ name: "SessionRefused" });
    await createUsers(schema.database).setDisabled(userId, false);
    expect(await truth.find(hash)).toBeUndefined();
    await expect(open({ userEpoch: 1 })).rejects.toMatchObject({ name: "SessionRefused" });
    await open({ userEpoch: 2 });
  });

  it("is named to whoever disabled its user, so that Redis can be told at once", async () => {
    const { hash, record } = await open();
    const { account, ended } = await createUserChanges(schema.database).setDisabled(userId, true);
    expect(account.disabled).toBe(true);
    expect(ended.sessions).toEqual([{ id: record.id, userId, hash }]);
    const { rows } = await createRedisJournal(schema.database).look();
    expect(rows.find(({ id }) => id === ended.journalId)).toMatchObject({ payload: { hashes: [hash] } });
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
    const nothing = { sessions: [] };
    expect(await truth.revoke({ kind: "one", userId: other, sessionId: first.record.id }, note)).toEqual(
      nothing,
    );
    const { sessions: revoked, journalId } = await truth.revoke(
      { kind: "user", userId, except: kept.record.id },
      note,
    );
    expect(revoked.map((session) => session.hash).sort()).toEqual([first.hash, second.hash].sort());
    expect(await truth.revoke({ kind: "one", userId, sessionId: first.record.id }, note)).toEqual(nothing);
    expect(await truth.find(first.hash)).toBeUndefined();
    expect(await truth.find(kept.hash)).toEqual(kept.record);
    const rows = await schema.database.query<JournalEntry>(
      "select id, role, kind, payload from redis_journal",
    );
    expect(rows).toEqual([
      { id: journalId, ...note, payload: { hashes: revoked.map((session) => session.hash) } },
    ]);
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

describe("rotating", () => {
  it("stores the new session and ends the old one, whoever's it was", async () => {
    const truth = createSessionTruth(schema.database);
    const old = await open();
    const fresh = newRecord({ userId: await schema.addUser() });
    const revocation = await truth.rotate({ hash: "fresh", record: fresh }, old.hash, note);
    expect(revocation.sessions).toEqual([{ id: old.record.id, userId, hash: old.hash }]);
    expect(await truth.find(old.hash)).toBeUndefined();
    expect(await truth.find("fresh")).toEqual(fresh);
    expect(await createRedisJournal(schema.database).countOpen()).toBe(1);
  });

  it("does neither when one of them can't be done", async () => {
    const truth = createSessionTruth(schema.database);
    const old = await open();
    await schema.database.query("alter table redis_journal add constraint full_disk check (false) not valid");
    const failing = truth.rotate({ hash: "half", record: newRecord() }, old.hash, note);
    await expect(failing).rejects.toThrow("full_disk");
    await schema.database.query("alter table redis_journal drop constraint full_disk");
    expect(await truth.find("half")).toBeUndefined();
    expect(await truth.find(old.hash)).toEqual(old.record);
    const refused = truth.rotate({ hash: "half", record: newRecord({ userEpoch: 9 }) }, old.hash, note);
    await expect(refused).rejects.toMatchObject({ name: "SessionRefused" });
    expect(await truth.find(old.hash)).toEqual(old.record);
  });
});
