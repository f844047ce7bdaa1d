import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { addNotification, type NewNotification } from "./add-notification";
import { createAuditLog } from "./audit-log";
import { createNotifications, type Notifications } from "./notifications";

const UNKNOWN = "01940000-0000-7000-8000-000000000001";

let schema: TestSchema;
let notifications: Notifications;

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
  notifications = createNotifications(schema.database);
});
afterAll(() => schema.drop());

const note = (userId: string, given: Partial<NewNotification> = {}): NewNotification => ({
  userId,
  kind: "completed",
  level: "success",
  title: "Done",
  ...given,
});

async function fill(userId: string, count: number): Promise<void> {
  for (let i = 0; i < count; i += 1) await notifications.add(note(userId));
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);
const seqs = (items: readonly { readonly seq: number }[] | undefined) => (items ?? []).map(({ seq }) => seq);

describe("an inbox", () => {
  it("numbers from 1 without gaps, however many write at once, and nobody else's counts", async () => {
    const [ada, ben] = [await schema.addUser(), await schema.addUser()];
    await Promise.all(range(1, 30).map((i) => notifications.add(note(i % 3 === 0 ? ben : ada))));
    expect(seqs((await notifications.readAfter([{ userId: ada, lastSeq: 0 }], 100)).get(ada))).toEqual(
      range(1, 20),
    );
    expect(await notifications.positions([ada, ben, UNKNOWN])).toEqual(
      expect.arrayContaining([
        { userId: ada, lastSeq: 20 },
        { userId: ben, lastSeq: 10 },
      ]),
    );
  });

  it("tells once what has a key, also when two tell it at the same moment, and loses no number", async () => {
    const ada = await schema.addUser();
    const told = await Promise.all(
      range(1, 8).map(() => notifications.add(note(ada, { kind: "limit", onceKey: "limit:today" }))),
    );
    expect(told.filter((seq) => seq !== undefined)).toEqual([1]);
    expect(await notifications.add(note(ada))).toBe(2);
  });

  it("leaves no number behind when its transaction is rolled back", async () => {
    const ada = await schema.addUser();
    const failing = schema.database.transaction(async (tx) => {
      await addNotification(tx, note(ada));
      throw new Error("no");
    });
    await expect(failing).rejects.toThrow("no");
    expect(await notifications.add(note(ada))).toBe(1);
  });

  it("is listed newest first, page by page, also the unread ones alone", async () => {
    const ada = await schema.addUser();
    await fill(ada, 5);
    const first = await notifications.list(ada, { limit: 2 });
    expect(seqs(first.items)).toEqual([5, 4]);
    await fill(ada, 1);
    const second = await notifications.list(ada, { limit: 3, cursor: first.nextCursor! });
    expect([seqs(second.items), second.nextCursor]).toEqual([[3, 2, 1], null]);
    await notifications.markRead(ada, first.items[1]!.id);
    expect(seqs((await notifications.list(ada, { limit: 10, unread: true })).items)).toEqual([6, 5, 3, 2, 1]);
    await expect(notifications.list(ada, { limit: 2, cursor: "bm9uZQ" })).rejects.toMatchObject({
      code: "invalid_request",
    });
  });

  it("marks one or all read, only one's own, and once", async () => {
    const [ada, ben] = [await schema.addUser(), await schema.addUser()];
    await fill(ada, 3);
    const [newest] = (await notifications.list(ada, { limit: 1 })).items;
    await expect(notifications.markRead(ben, newest!.id)).rejects.toMatchObject({ code: "not_found" });
    await expect(notifications.markRead(ada, UNKNOWN)).rejects.toMatchObject({ code: "not_found" });
    const once = await notifications.markRead(ada, newest!.id);
    expect(once).toMatchObject({ unreadCount: 2, notification: { id: newest!.id } });
    expect(await notifications.markRead(ada, newest!.id)).toEqual(once);
    expect(await notifications.markAllRead(ada)).toEqual({ read: 2, unreadCount: 0 });
    expect(await notifications.markAllRead(ada)).toEqual({ read: 0, unreadCount: 0 });
    expect(await notifications.unreadCount(ada)).toBe(0);
  });

  it("gives who comes the latest unread ones in order, says how many there are and where it ends", async () => {
    const [ada, ben] = [await schema.addUser(), await schema.addUser()];
    await fill(ada, 6);
    await notifications.markRead(ada, (await notifications.list(ada, { limit: 1 })).items[0]!.id);
    const unread = await notifications.unread(ada, 3);
    expect([seqs(unread.notifications), unread.unreadCount, unread.lastSeq]).toEqual([[3, 4, 5], 5, 6]);
    expect(await notifications.unread(ben, 3)).toEqual({ notifications: [], unreadCount: 0, lastSeq: 0 });
    await notifications.markAllRead(ada);
    expect(await notifications.unread(ada, 3)).toEqual({ notifications: [], unreadCount: 0, lastSeq: 6 });
  });

  it("is read on for many people in one question, each behind where they are", async () => {
    const [ada, ben, cleo] = [await schema.addUser(), await schema.addUser(), await schema.addUser()];
    await fill(ada, 5);
    await fill(ben, 2);
    const found = await notifications.readAfter(
      [
        { userId: ada, lastSeq: 1 },
        { userId: ben, lastSeq: 2 },
        { userId: cleo, lastSeq: 0 },
      ],
      3,
    );
    expect([...found].map(([userId, items]) => [userId, seqs(items)])).toEqual([[ada, [2, 3, 4]]]);
  });
});

describe("an announcement", () => {
  const by = async () => ({ userId: await schema.addUser(), ip: "127.0.0.1" });

  it("is in every inbox but those of disabled people, each with its own number, and in the audit log", async () => {
    const [ada, gone] = [await schema.addUser(), await schema.addUser()];
    await fill(ada, 2);
    await schema.database.query("update users set disabled_at = now() where id = $1", [gone]);
    const author = await by();
    const made = await notifications.announce({ level: "warning", message: "Down at 12.", by: author });
    const [active] = await schema.database.query<{ count: number }>(
      "select count(*)::int as count from users where disabled_at is null",
    );
    expect(made).toMatchObject({ level: "warning", message: "Down at 12.", people: active!.count });
    expect((await notifications.list(ada, { limit: 1 })).items[0]).toMatchObject({
      ...{ seq: 3, kind: "announcement", level: "warning", body: "Down at 12.", at: made.at },
    });
    expect((await notifications.unread(author.userId, 1)).lastSeq).toBe(1);
    expect((await notifications.unread(gone, 1)).unreadCount).toBe(0);
    const [entry] = (await createAuditLog(schema.database).list({ limit: 1 })).items;
    expect(entry).toMatchObject({ userId: author.userId, action: "announcement.made", target: made.id });
  });

  it("deadlocks with nobody who adds to several inboxes in any order", async () => {
    const people = await Promise.all(range(1, 6).map(() => schema.addUser()));
    const author = await by();
    const work = range(1, 12).map((round) =>
      round % 3 === 0
        ? notifications.announce({ level: "info", message: `round ${round}`, by: author })
        : schema.database.transaction(async (tx) => {
            // Those that add to several at once agree on an order among themselves.
            for (const userId of [...people].reverse()) await addNotification(tx, note(userId));
          }),
    );
    await Promise.all(work);
    for (const userId of people) {
      const own = (await notifications.readAfter([{ userId, lastSeq: 0 }], 100)).get(userId);
      expect(seqs(own)).toEqual(range(1, 12));
    }
  });
});
