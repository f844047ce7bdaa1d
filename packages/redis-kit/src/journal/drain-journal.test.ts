import { setTimeout as sleep } from "node:timers/promises";
import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { createMemoryJournal } from "../testing/memory-journal";
import { createMemoryRole } from "../testing/memory-role";
import { createRecordingLogger } from "../testing/recording-logger";
import { eventually } from "../testing/redis-faults";
import { drainJournal } from "./drain-journal";
import { leaveToWriterMs } from "./journal-store";

const keys = createKeys(parseRedisConfig({}));
const revoked = { role: "state", kind: "session.revoked" } as const;
const invalidated = { role: "cache", kind: "cache.invalidated" } as const;

it("leaves tombstones for sessions, which no late write replaces", async () => {
  const role = createMemoryRole();
  const journal = createMemoryJournal();
  await role.commands.set(keys.session("abc"), "{}");
  await journal.append(revoked, { hashes: ["abc", "never-seen"] });
  const drain = drainJournal({ journal, role, keys });
  await eventually("it is no longer left to its writer", async () => (await drain.drainNow()) === 1, 3000);
  expect(await role.commands.set(keys.session("abc"), "{}", { only: "absent" })).toBe(false);
  expect(role.server.peek(keys.session("never-seen"))).toBe("revoked");
  await drain.stop();
  await role.close();
});

it("deletes invalidated values, of its own role only", async () => {
  const role = createMemoryRole({ role: "cache" });
  const journal = createMemoryJournal();
  await role.commands.set(keys.cache("users:list"), "[]");
  await journal.append(invalidated, { keys: ["users:list"] });
  await journal.append(revoked, { hashes: ["abc"] });
  const drain = drainJournal({ journal, role, keys });
  await eventually("it is no longer left to its writer", async () => (await drain.drainNow()) === 1, 3000);
  expect(role.server.keys()).toEqual([]);
  expect(journal.open()).toMatchObject([revoked]);
  await drain.stop();
  await role.close();
});

it("keeps rows open until Redis has taken them, and drains by itself when it is back", async () => {
  const role = createMemoryRole();
  const journal = createMemoryJournal();
  role.server.become("down");
  await journal.append(revoked, { hashes: ["abc"] });
  const drain = drainJournal({ journal, role, keys, intervalMs: 50 });
  expect(await drain.drainNow()).toBe(0);
  expect(journal.open()).toHaveLength(1);
  role.server.become("up");
  await eventually("drained", () => journal.open().length === 0, 4000);
  expect(role.server.peek(keys.session("abc"))).toBe("revoked");
  await drain.stop();
  await role.close();
});

it("drains more rows than fit one batch, and skips aloud what it doesn't know", async () => {
  const role = createMemoryRole();
  const journal = createMemoryJournal();
  const logger = createRecordingLogger();
  for (let row = 0; row < 7; row += 1) await journal.append(revoked, { hashes: [`h${row}`] });
  await journal.append(revoked, { unexpected: true });
  const drain = drainJournal({ journal, role, keys, logger, batchSize: 3 });
  await sleep(leaveToWriterMs + 20);
  expect(await drain.drainNow()).toBe(8);
  expect(role.server.keys()).toHaveLength(7);
  expect(logger.messages("error")).toHaveLength(1);
  await drain.stop();
  await role.close();
});
