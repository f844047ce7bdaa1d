import { parseRedisConfig } from "../config";
import { createKeys } from "../keys";
import { createMemoryJournal } from "../testing/memory-journal";
import { createMemoryRole } from "../testing/memory-role";
import { createRecordedMetrics } from "../testing/recorded-metrics";
import { eventually } from "../testing/redis-faults";
import { lookLimit } from "./journal-store";
import { keepTrust } from "./keep-trust";

const keys = createKeys(parseRedisConfig({}));
const revoked = { role: "state", kind: "session.revoked" } as const;

it("shows the epoch, the verdict, open rows and what was drained", async () => {
  const role = createMemoryRole();
  const journal = createMemoryJournal();
  const metrics = createRecordedMetrics();
  const watch = await keepTrust({ journal, roles: [role], keys, staleMaxMs: 60_000, metrics });
  const becomes = (line: string, value: number) =>
    eventually(`${line} = ${value}`, () => metrics.of(line) === value, 5000);

  await becomes("redis_trust_verdict state trusted", 1);
  expect(metrics.of("redis_trust_verdict state untrusted")).toBe(0);
  await becomes("redis_epoch state", 1);
  const changesBefore = metrics.of("redis_epoch_changes_total state") ?? 0;
  expect(metrics.of("redis_trust_looks_total ok")).toBeGreaterThan(0);

  role.server.become("full");
  await journal.append(revoked, { hashes: ["abc"] });
  await journal.append(revoked, { unexpected: true });
  await becomes("redis_journal_open_rows", 2);
  expect(metrics.of("redis_journal_drained_total session.revoked")).toBeUndefined();
  role.server.become("up");
  await becomes("redis_journal_open_rows", 0);
  expect(metrics.of("redis_journal_drained_total session.revoked")).toBe(1);
  expect(metrics.of("redis_journal_drained_total unknown")).toBe(1);

  role.server.restore();
  await becomes("redis_epoch state", 2);
  expect(metrics.of("redis_epoch_changes_total state")).toBe(changesBefore + 1);

  journal.become("away");
  await becomes("redis_trust_verdict state unconfirmed", 1);
  expect(metrics.of("redis_trust_verdict state trusted")).toBe(0);
  expect(metrics.of("redis_trust_looks_total failed")).toBeGreaterThan(0);
  journal.become("here");
  await becomes("redis_trust_verdict state trusted", 1);
  await watch.stop();
  await role.close();
}, 30_000);

it("says that a look was too much to be of use", async () => {
  const role = createMemoryRole();
  const journal = createMemoryJournal();
  const metrics = createRecordedMetrics();
  role.server.become("down");
  for (let row = 0; row <= lookLimit; row += 1) await journal.append(revoked, { hashes: [`h${row}`] });
  const watch = await keepTrust({ journal, roles: [role], keys, staleMaxMs: 60_000, metrics });
  expect(metrics.of("redis_trust_looks_total overflow")).toBeGreaterThan(0);
  expect(metrics.of("redis_journal_open_rows")).toBe(lookLimit);
  expect(metrics.of("redis_trust_verdict state untrusted")).toBe(1);
  await watch.stop();
  await role.close();
});
