import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { builtInRoles } from "@vibe-friend/contracts/permissions";
import { userSchema } from "@vibe-friend/contracts/auth";
import { v7 as createId } from "uuid";
import { prepareTestSchema, type TestSchema } from "../testing/test-schema";
import { createAuditLog } from "./audit-log";
import { createRoles } from "./roles";
import { createSettings } from "./settings";
import { createTokens } from "./tokens";
import { createUsers, type NewUser } from "./users";

let schema: TestSchema;
beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
});
afterAll(() => schema.drop());

const ada: NewUser = { email: "Ada@example.org", displayName: "Ada", passwordHash: "hash", roles: ["user"] };
let people = 0;
const somebody = (given: Partial<NewUser> = {}): NewUser => {
  people += 1;
  return { ...ada, email: `somebody${people}@example.org`, ...given };
};

describe("users", () => {
  it("are found by e-mail address in any case, and hold it alone", async () => {
    const users = createUsers(schema.database);
    const created = await users.create(ada);
    expect(await users.findByEmail("ADA@EXAMPLE.org")).toEqual(created);
    expect(await users.findById(created.id)).toEqual(created);
    const { passwordHash, sessionEpoch, ...user } = created;
    expect({ passwordHash, sessionEpoch }).toEqual({ passwordHash: "hash", sessionEpoch: 1 });
    expect(userSchema.parse(user)).toEqual(user);
    await expect(users.create({ ...ada, email: "ada@EXAMPLE.org" })).rejects.toMatchObject({
      code: "email_taken",
    });
    const other = await users.create(somebody());
    await expect(users.setEmail(other.id, "aDa@example.org")).rejects.toMatchObject({ code: "email_taken" });
  });

  it("registered twice at the same time exist once", async () => {
    const users = createUsers(schema.database);
    const twin = somebody();
    const answers = await Promise.allSettled(Array.from({ length: 10 }, () => users.create(twin)));
    expect(answers.filter((answer) => answer.status === "fulfilled")).toHaveLength(1);
  });

  it("don't exist without the role they were to have", async () => {
    const users = createUsers(schema.database);
    const person = somebody({ roles: ["nonsense"] });
    await expect(users.create(person)).rejects.toMatchObject({ code: "not_found" });
    expect(await users.findByEmail(person.email)).toBeUndefined();
  });

  it("that are disabled get a new session epoch and count as no admin", async () => {
    const users = createUsers(schema.database);
    const before = await users.countAdmins();
    const admin = await users.create(somebody({ roles: ["admin"] }));
    expect(await users.countAdmins()).toBe(before + 1);
    expect(await users.setDisabled(admin.id, true)).toMatchObject({ disabled: true, sessionEpoch: 2 });
    expect(await users.countAdmins()).toBe(before);
    expect(await users.setDisabled(admin.id, false)).toMatchObject({ disabled: false, sessionEpoch: 2 });
  });

  it("that aren't there can't be changed", async () => {
    const users = createUsers(schema.database);
    const notFound = { code: "not_found" };
    await expect(users.setPassword(createId(), "x")).rejects.toMatchObject(notFound);
    await expect(users.updateProfile(createId(), { displayName: "x" })).rejects.toMatchObject(notFound);
    await expect(users.setDisabled(createId(), true)).rejects.toMatchObject(notFound);
  });
});

describe("roles", () => {
  it("give the permissions that contracts name", async () => {
    const roles = createRoles(schema.database);
    const { id } = await createUsers(schema.database).create(somebody());
    expect(await roles.findAccess(id)).toEqual({
      roles: ["user"],
      permissions: [...builtInRoles.user].sort(),
    });
    await roles.assign(id, ["admin", "user"]);
    expect((await roles.findPermissions(id)).sort()).toEqual([...builtInRoles.admin].sort());
    await roles.assign(id, []);
    expect(await roles.findAccess(id)).toEqual({ roles: [], permissions: [] });
  });

  it("stay as they were when one of the new ones doesn't exist", async () => {
    const roles = createRoles(schema.database);
    const { id } = await createUsers(schema.database).create(somebody());
    await expect(roles.assign(id, ["admin", "nonsense"])).rejects.toMatchObject({ code: "not_found" });
    expect(await roles.findRoles(id)).toEqual(["user"]);
  });
});

describe("one-time links", () => {
  it("are used by exactly one of many at once", async () => {
    const tokens = createTokens(schema.database);
    const { id: userId } = await createUsers(schema.database).create(somebody());
    await tokens.createLink({ tokenHash: "a", userId, name: "first admin", ttlMs: 60_000 });
    expect(await tokens.findLink("a")).toMatchObject({ userId, name: "first admin" });
    const answers = await Promise.all(Array.from({ length: 10 }, () => tokens.consumeLink("a")));
    expect(answers.filter((answer) => answer !== undefined)).toHaveLength(1);
    expect(await tokens.findLink("a")).toBeUndefined();
  });

  it("are no good once too old, revoked or unknown", async () => {
    const tokens = createTokens(schema.database);
    const { id: userId } = await createUsers(schema.database).create(somebody());
    await tokens.createLink({ tokenHash: "old", userId, name: "reset", ttlMs: -1 });
    await tokens.createLink({ tokenHash: "revoked", userId, name: "reset", ttlMs: 60_000 });
    expect(await tokens.revokeLinks(userId)).toBe(1);
    for (const hash of ["old", "revoked", "unknown"]) expect(await tokens.consumeLink(hash)).toBeUndefined();
  });
});

describe("settings", () => {
  it("are set, replaced and taken back, with the invalidation in the same transaction", async () => {
    const settings = createSettings(schema.database);
    const { id: userId } = await createUsers(schema.database).create(somebody());
    await settings.put({
      values: { registration: "closed", "password.minLength": 14 },
      userId,
      invalidates: ["s"],
    });
    await settings.put({ values: { registration: null, "password.minLength": 16 }, userId: null });
    expect(await settings.list()).toMatchObject([{ key: "password.minLength", value: 16, updatedBy: null }]);
    const journal = await schema.database.query("select role, kind, payload from redis_journal");
    expect(journal).toEqual([{ role: "cache", kind: "cache.invalidated", payload: { keys: ["s"] } }]);
  });
});

describe("the audit log", () => {
  it("lists newest first, page by page", async () => {
    const log = createAuditLog(schema.database);
    for (const action of ["one", "two", "three"]) await log.append({ userId: null, action, ip: "::1" });
    const first = await log.list({ limit: 2 });
    expect(first.items.map((entry) => entry.action)).toEqual(["three", "two"]);
    const rest = await log.list({ limit: 2, cursor: first.nextCursor! });
    expect(rest).toMatchObject({ items: [{ action: "one", ip: "::1", details: {} }], nextCursor: null });
  });

  it.each(["update audit_logs set action = 'x'", "delete from audit_logs", "truncate audit_logs"])(
    "refuses %s",
    async (statement) => {
      await createAuditLog(schema.database).append({ userId: null, action: "kept" });
      await expect(schema.database.query(statement)).rejects.toThrow("append-only");
    },
  );
});

it("shares one transaction among repositories: all or nothing", async () => {
  const person = somebody();
  const failing = schema.database.transaction(async (tx) => {
    const { id } = await createUsers(tx).create(person);
    await createTokens(tx).createLink({ tokenHash: "tx", userId: id, name: "first admin", ttlMs: 60_000 });
    throw new Error("changed my mind");
  });
  await expect(failing).rejects.toThrow("changed my mind");
  expect(await createUsers(schema.database).findByEmail(person.email)).toBeUndefined();
  expect(await createTokens(schema.database).findLink("tx")).toBeUndefined();
});
