import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { createMemoryRole } from "../testing/memory-role";
import { createMemorySessionTruth } from "../testing/memory-session-truth";
import { createRecordedMetrics } from "../testing/recorded-metrics";
import { createSessionStore } from "./session-store";

it("counts who answered for a session, and how", async () => {
  const role = createMemoryRole();
  const truth = createMemorySessionTruth();
  const metrics = createRecordedMetrics();
  const keys = createKeys(parseRedisConfig({}));
  const limits = { ttlMs: 60_000, maxAgeMs: 60_000, staleMaxMs: 60_000 };
  const store = createSessionStore({ role, truth, keys, metrics, ...limits });
  const { token, record } = await store.create({ userId: "ada", userEpoch: 1 });
  const finds = (of: string) => metrics.of(`redis_session_finds_total ${of}`);

  await store.find(token);
  expect(finds("redis found")).toBe(1);
  role.server.become("down");
  await store.find(token);
  expect(finds("truth found")).toBe(1);
  truth.setAway(true);
  expect(await store.find(token)).toMatchObject({ kind: "unavailable" });
  expect(finds("none unavailable")).toBe(1);
  truth.setAway(false);
  await store.revoke(record.id, "ada");
  await store.find(token);
  expect(finds("truth absent")).toBe(1);
  expect(finds("redis found")).toBe(1);
  await role.close();
});
