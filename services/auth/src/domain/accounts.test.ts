import { createMemoryAuth } from "../testing/memory-auth";
import { createFindFirstAdminLink } from "./find-first-admin-link";
import { createMakeFirstAdmin } from "./make-first-admin";

const ada = { email: "ada@example.org", password: "correct horse battery" };
const from = { caller: { ip: "192.0.2.1", userAgent: "test" } };

describe("registering", () => {
  it("makes a plain user, signs in and notes it", async () => {
    const { register, accountsById, entries } = createMemoryAuth();
    const { user, session, token } = await register(ada, from);
    expect(user).toMatchObject({ email: ada.email, displayName: "ada", disabled: false });
    expect(user).not.toHaveProperty("passwordHash");
    expect(accountsById.get(user.id)?.roles).toEqual(["user"]);
    expect(token).toHaveLength(43);
    expect(entries).toEqual([
      { userId: user.id, action: "auth.register", target: session.id, caller: from.caller },
    ]);
  });

  it("is refused where it is closed; the setting goes before the variable", async () => {
    const { register, values } = createMemoryAuth({ registration: "closed" });
    await expect(register(ada, from)).rejects.toMatchObject({ code: "registration_closed" });
    values.registration = "open";
    await expect(register(ada, from)).resolves.toBeDefined();
  });

  it("is refused with a common password and with an address that is taken", async () => {
    const { register } = createMemoryAuth();
    const common = register({ ...ada, password: "password1234" }, from);
    await expect(common).rejects.toMatchObject({ code: "invalid_request" });
    await register(ada, from);
    await expect(register(ada, from)).rejects.toMatchObject({ code: "email_taken" });
  });
});

describe("signing in", () => {
  it("gives a new session each time and ends the one the browser had", async () => {
    const { register, login, open, told } = createMemoryAuth();
    const first = await register(ada, from);
    const second = await login(ada, { ...from, previousToken: first.token });
    expect(second.session.id).not.toBe(first.session.id);
    expect([...open.keys()]).toEqual([second.token]);
    expect(told.map(({ id }) => id)).toEqual([first.session.id]);
  });

  it("refuses an unknown address, a wrong password and a disabled account alike, hashing once for each", async () => {
    const { register, login, accountsById, hashed, entries } = createMemoryAuth();
    const { user } = await register(ada, from);
    hashed.length = 0;
    const refusals = [
      login({ email: "nobody@example.org", password: ada.password }, from),
      login({ ...ada, password: "wrong horse battery" }, from),
    ];
    accountsById.set(user.id, { ...accountsById.get(user.id)!, disabled: true });
    refusals.push(login(ada, from));
    const errors = await Promise.all(refusals.map((refusal) => refusal.catch((error: unknown) => error)));
    for (const error of errors) expect(error).toEqual(errors[0]);
    expect(errors[0]).toMatchObject({ code: "invalid_credentials" });
    expect(hashed).toHaveLength(3);
    expect(entries.filter(({ action }) => action === "auth.login-failed")).toHaveLength(3);
    expect(JSON.stringify(entries)).not.toContain(ada.password);
  });

  it("hashes anew what was hashed with other parameters", async () => {
    const { register, login, accountsById } = createMemoryAuth();
    const { user } = await register(ada, from);
    const account = accountsById.get(user.id)!;
    accountsById.set(user.id, { ...account, passwordHash: account.passwordHash!.replace("new", "old") });
    await login(ada, from);
    expect(accountsById.get(user.id)?.passwordHash).toBe(account.passwordHash);
  });
});

describe("signing out", () => {
  it("ends the session and tells its sockets, once", async () => {
    const { register, logout, open, told, entries } = createMemoryAuth();
    const { user, session } = await register(ada, from);
    const ending = { userId: user.id, sessionId: session.id, caller: from.caller };
    await logout(ending);
    await logout(ending);
    expect(open.size).toBe(0);
    expect(told).toEqual([{ id: session.id, userId: user.id }]);
    expect(entries.filter(({ action }) => action === "auth.logout")).toHaveLength(1);
  });

  it("can't end another's session", async () => {
    const { register, logout, open } = createMemoryAuth();
    const { session } = await register(ada, from);
    await logout({ userId: "someone else", sessionId: session.id, caller: from.caller });
    expect(open.size).toBe(1);
  });
});

describe("the first admin", () => {
  const setup = () => {
    const auth = createMemoryAuth();
    const findLink = createFindFirstAdminLink({ ...auth, publicUrl: "http://localhost:8080" });
    const tokenOf = async () => (await findLink())?.split("#token=")[1] ?? "";
    return { ...auth, findLink, tokenOf, makeFirstAdmin: createMakeFirstAdmin(auth) };
  };

  it("gets a fresh link each time, the older ones stop working, and none after the first sign-in", async () => {
    const { findLink, tokenOf, redeemLink, accountsById } = setup();
    expect(await findLink()).toMatch(/^http:\/\/localhost:8080\/link#token=[\w-]{43}$/);
    const [older, newer] = [await tokenOf(), await tokenOf()];
    expect(accountsById.size).toBe(1);
    await expect(redeemLink({ token: older }, from)).rejects.toMatchObject({ code: "invalid_link" });
    const { user } = await redeemLink({ token: newer }, from);
    expect(user.email).toBe("admin@vibe-friend.local");
    expect(await findLink()).toBeUndefined();
    await expect(redeemLink({ token: newer }, from)).rejects.toMatchObject({ code: "invalid_link" });
  });

  it("may take address and password with the link; what is refused leaves it usable", async () => {
    const { tokenOf, redeemLink, login, register, open } = setup();
    await register(ada, from);
    const token = await tokenOf();
    const weak = redeemLink({ token, password: "password1234" }, from);
    await expect(weak).rejects.toMatchObject({ code: "invalid_request" });
    const taken = redeemLink({ token, email: ada.email }, from);
    await expect(taken).rejects.toMatchObject({ code: "email_taken" });
    const boss = { email: "boss@example.org", password: "another fine sentence" };
    await redeemLink({ token, ...boss }, from);
    await expect(login(boss, from)).resolves.toMatchObject({ user: { email: boss.email } });
    expect(open.size).toBe(3);
  });

  it("is made from the variables once, and never out of somebody's account", async () => {
    const { makeFirstAdmin, register, accountsById } = setup();
    await register(ada, from);
    expect(await makeFirstAdmin(ada)).toBe("address-taken");
    const boss = { email: "boss@example.org", password: "another fine sentence" };
    expect(await makeFirstAdmin(boss)).toBe("made");
    expect(await makeFirstAdmin(boss)).toBe("exists");
    expect([...accountsById.values()].map(({ roles }) => roles)).toEqual([["user"], ["admin", "user"]]);
  });
});
