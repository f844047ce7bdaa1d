import { parseRedisConfig } from "../config";
import { keepTrust } from "../journal/keep-trust";
import { createKeys } from "../keys";
import { createMemoryRole } from "../testing/memory-role";
import { createMemorySessionTruth } from "../testing/memory-session-truth";
import { createMemoryFaults, eventually } from "../testing/redis-faults";
import { sessionStoreBehaviour } from "../testing/session-store-behaviour";
import { createSessionStore } from "./session-store";
import { hashSessionToken } from "./session-token";

sessionStoreBehaviour("the double", () => {
  const role = createMemoryRole();
  const otherRole = createMemoryRole({ server: role.server });
  return Promise.resolve({
    role,
    otherRole,
    faults: createMemoryFaults(role.server),
    async close() {
      await Promise.all([role.close(), otherRole.close()]);
    },
  });
});

it("does not believe a recovering Redis: what was revoked meanwhile may not have reached it", async () => {
  const role = createMemoryRole();
  const truth = createMemorySessionTruth();
  const limits = { ttlMs: 60_000, maxAgeMs: 60_000, staleMaxMs: 60_000 };
  const store = createSessionStore({ role, truth, keys: createKeys(parseRedisConfig({})), ...limits });
  const { token } = await store.create({ userId: "ada", userEpoch: 1 });
  role.server.become("down");
  await eventually("degraded", () => role.health.status().mode === "degraded", 3000);
  const hash = hashSessionToken(token);
  await truth.revoke({ kind: "hash", hash }, { role: "state", kind: "session.revoked" });
  role.server.become("up");
  await eventually("recovering", () => role.health.status().mode === "recovering", 3000);
  expect(role.server.peek(`gvf:session:${hash}`)).toContain("ada");
  expect(await store.find(token)).toEqual({ kind: "ok", value: undefined });
  await role.close();
});

it("believes no Redis that takes no writes while the truth is away: nobody could tell it of an end", async () => {
  const role = createMemoryRole();
  const truth = createMemorySessionTruth();
  const keys = createKeys(parseRedisConfig({}));
  const watch = await keepTrust({ journal: truth.journal, roles: [role], keys, staleMaxMs: 60_000 });
  const limits = { ttlMs: 60_000, maxAgeMs: 60_000, staleMaxMs: 60_000 };
  const store = createSessionStore({ role, truth, keys, trust: watch.of(role), ...limits });
  await eventually("trusted", () => watch.of(role).verdict().kind === "trusted", 3000);
  const { token, record } = await store.create({ userId: "ada", userEpoch: 1 });
  truth.setAway(true);
  await eventually("unconfirmed", () => watch.of(role).verdict().kind === "unconfirmed", 3000);
  expect(await store.find(token)).toMatchObject({ kind: "ok", value: { id: record.id } });
  role.server.become("full");
  await eventually(
    "known to be full",
    async () => {
      await role.guard.run("try", "a key", (redis) => redis.set("gvf:try", "x"));
      return role.health.status().mode === "degraded";
    },
    3000,
  );
  expect(await store.find(token)).toMatchObject({ kind: "unavailable" });
  truth.setAway(false);
  await eventually("found", async () => (await store.find(token)).kind !== "unavailable", 3000);
  await watch.stop();
  await role.close();
}, 15_000);

it("keeps a revocation open and the session refused while Redis is full and takes no tombstone", async () => {
  const role = createMemoryRole();
  const truth = createMemorySessionTruth();
  const keys = createKeys(parseRedisConfig({}));
  const watch = await keepTrust({ journal: truth.journal, roles: [role], keys, staleMaxMs: 60_000 });
  const limits = { ttlMs: 60_000, maxAgeMs: 60_000, staleMaxMs: 60_000 };
  const store = createSessionStore({ role, truth, keys, trust: watch.of(role), ...limits });
  await eventually("trusted", () => watch.of(role).verdict().kind === "trusted", 3000);
  const [kept, ended] = [
    await store.create({ userId: "ada", userEpoch: 1 }),
    await store.create({ userId: "ada", userEpoch: 1 }),
  ];
  role.server.become("full");
  await store.revoke(ended.record.id, "ada");
  expect(role.server.peek(keys.session(hashSessionToken(ended.token)))).toContain("ada");
  expect(role.health.status()).toMatchObject({ mode: "degraded", reason: "out-of-memory" });
  await new Promise((resolve) => setTimeout(resolve, 1000));
  expect(truth.journal.open()).toHaveLength(1);
  expect(await store.find(ended.token)).toMatchObject({ value: undefined });
  // Reads go on, so others needn't ask the truth.
  const before = truth.finds();
  expect(await store.find(kept.token)).toMatchObject({ kind: "ok", value: { id: kept.record.id } });
  expect(truth.finds()).toBe(before);
  role.server.become("up");
  await eventually("redis has taken it", () => truth.journal.open().length === 0, 5000);
  expect(role.server.peek(keys.session(hashSessionToken(ended.token)))).toBe("revoked");
  await watch.stop();
  await role.close();
}, 15_000);
