import { parseRedisConfig } from "../config";
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
