import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { newGeneration, prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { createGenerations } from "./generations";
import { createStatistics } from "./statistics";
import { createUserLists } from "./user-list";
import { createUsers } from "./users";

let schema: TestSchema;
beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
}, 30_000);
afterAll(() => schema.drop());

describe("the dashboard's counts", () => {
  it("are all there and zero in a new installation", async () => {
    const counts = await createStatistics(schema.database).read();
    expect(counts).toMatchObject({
      users: { total: 0, disabled: 0, newLast7Days: 0 },
      sessions: { open: 0, usersSignedIn: 0 },
      generations: { total: 0, byStatus: { queued: 0, running: 0, completed: 0, failed: 0, cancelled: 0 } },
    });
    expect(counts.generations.perDay).toHaveLength(14);
    expect(counts.generations.perDay.at(-1)?.day).toBe(counts.at.slice(0, 10));
  });

  it("tell people, generations by status and by the day they were submitted, and open sessions", async () => {
    const { database } = schema;
    const ada = await schema.addUser();
    const eve = await schema.addUser();
    await createUsers(database).setDisabled(eve, true);
    const generations = createGenerations(database);
    const { generation } = await generations.submit(newGeneration(ada));
    await generations.submit(newGeneration(ada));
    await generations.cancel(ada, generation.id);
    await database.query(
      "update generations set created_at = (date_trunc('day', now() at time zone 'utc') - interval '13 days') at time zone 'utc' where id = $1",
      [generation.id],
    );
    await database.query(
      `insert into sessions (id, token_hash, user_id, user_epoch, created_at, last_seen_at, idle_expires_at, absolute_expires_at)
       select gen_random_uuid(), n::text, $1, 1, now(), now(), now() + n * interval '1 hour', now() + interval '1 day'
       from generate_series(-1, 2) n`,
      [ada],
    );
    const counts = await createStatistics(database).read();
    expect(counts.users).toEqual({ total: 2, disabled: 1, newLast7Days: 2 });
    expect(counts.sessions).toEqual({ open: 2, usersSignedIn: 1 });
    expect(counts.generations.total).toBe(2);
    expect(counts.generations.byStatus).toMatchObject({ queued: 1, cancelled: 1 });
    expect(counts.generations.perDay[0]).toMatchObject({ cancelled: 1, queued: 0 });
    expect(counts.generations.perDay.at(-1)).toMatchObject({ cancelled: 0, queued: 1 });
  });
});

describe("lists of users", () => {
  it("come newest first in pages, with roles, and are searched by address and name without regard to case", async () => {
    const users = createUsers(schema.database);
    const grace = await users.create({
      email: "Grace@navy.example",
      displayName: "100% Hopper_",
      passwordHash: null,
      roles: ["user", "admin"],
    });
    const lists = createUserLists(schema.database);
    const first = await lists.list({ limit: 2 });
    expect(first.items.map(({ id }) => id)[0]).toBe(grace.id);
    expect(first.items[0]).toEqual({
      id: grace.id,
      email: "Grace@navy.example",
      displayName: "100% Hopper_",
      disabled: false,
      createdAt: grace.createdAt,
      roles: ["admin", "user"],
    });
    const rest = await lists.list({ limit: 2, cursor: first.nextCursor ?? "" });
    expect(rest).toMatchObject({ items: [{ roles: ["user"] }], nextCursor: null });
    for (const q of ["grace@NAVY", "00% hop", "r_"]) {
      expect((await lists.list({ limit: 5, q })).items.map(({ id }) => id)).toEqual([grace.id]);
    }
    expect((await lists.list({ limit: 5, q: "%" })).items).toHaveLength(1);
    expect((await lists.list({ limit: 5, q: "nobody" })).items).toEqual([]);
    for (const q of ["\0", "gr\0ace", "\\", "'", "\\%", "gr_ce"]) {
      expect(await lists.list({ limit: 5, q })).toEqual({ items: [], nextCursor: null });
    }
    for (const text of ["x", `1.${"-".repeat(36)}`, `1.${"0".repeat(36)}`, "1.", "\0"]) {
      const cursor = Buffer.from(text).toString("base64url");
      await expect(lists.list({ limit: 5, cursor })).rejects.toMatchObject({ code: "invalid_request" });
    }
    await expect(lists.list({ limit: 5, cursor: "x" })).rejects.toMatchObject({ code: "invalid_request" });
    const far = Buffer.from(`${"9".repeat(18)}.${grace.id}`).toString("base64url");
    expect((await lists.list({ limit: 1, cursor: far })).items.map(({ id }) => id)).toEqual([grace.id]);
  });
});
