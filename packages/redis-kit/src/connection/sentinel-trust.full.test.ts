import { askRedis } from "@vibe-friend/local-stack/redis-ask";
import { startRedisSentinel } from "@vibe-friend/local-stack/redis-sentinel";
import type { RedisSentinel } from "@vibe-friend/local-stack/redis-sentinel";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { keepTrust } from "../journal/keep-trust";
import { createKeys } from "../keys";
import { createSessionStore } from "../sessions/session-store";
import { hashSessionToken } from "../sessions/session-token";
import { connectTestRole } from "../testing/connect-test-role";
import { createMemorySessionTruth } from "../testing/memory-session-truth";
import { eventually } from "../testing/redis-faults";

jest.setTimeout(120_000);

const limits = { ttlMs: 3_600_000, maxAgeMs: 3_600_000, staleMaxMs: 600_000 };
const truth = createMemorySessionTruth();

let sentinel: RedisSentinel;
let processes: Awaited<ReturnType<typeof startProcess>>[] = [];

async function startProcess() {
  const env = { REDIS_SENTINELS: sentinel.addresses, REDIS_SENTINEL_NAME: sentinel.name };
  const { role, config } = await connectTestRole(`redis://:${sentinel.password}@127.0.0.1:1`, env);
  const keys = createKeys(config);
  const watch = await keepTrust({
    journal: truth.journal,
    roles: [role],
    keys,
    staleMaxMs: limits.staleMaxMs,
  });
  const trust = watch.of(role);
  return {
    keys,
    role,
    trust,
    sessions: createSessionStore({ role, truth, keys, trust, ...limits }),
    async stop() {
      await watch.stop();
      await role.close();
    },
  };
}

async function findReplica(master: RedisServer): Promise<RedisServer> {
  const replica = sentinel.servers.find((server) => server.port !== master.port);
  if (replica === undefined) throw new Error("there is no replica");
  await eventually(
    "the replica follows",
    async () => String(await askRedis(replica, "INFO", "replication")).includes("master_link_status:up"),
    45_000,
  );
  return replica;
}

beforeAll(async () => {
  const started = await startRedisSentinel();
  if (started === undefined) throw new Error("there is no Redis to test with");
  sentinel = started;
});
afterAll(async () => {
  for (const server of sentinel.servers) server.resume();
  await Promise.all(processes.map((one) => one.stop()));
  await sentinel.stop();
});

it("never accepts a session whose end the promoted replica has not heard of", async () => {
  processes = await Promise.all([startProcess(), startProcess()]);
  const [here, there] = processes;
  if (here === undefined || there === undefined) throw new Error("both were started");
  await eventually("both trust redis", () =>
    processes.every(({ trust }) => trust.verdict().kind === "trusted"),
  );
  const master = await sentinel.waitForMaster();
  const replica = await findReplica(master);
  const person = { userId: "ada", userEpoch: 1 };
  const [open, ended] = [await here.sessions.create(person), await here.sessions.create(person)];
  expect(await there.sessions.find(ended.token)).toMatchObject({
    kind: "ok",
    value: { id: ended.record.id },
  });
  expect(await askRedis(master, "WAIT", "1", "2000")).toBe(1);

  // Not even in its socket: the way there is cut while it can't make another one.
  replica.freeze();
  await askRedis(master, "CLIENT", "KILL", "TYPE", "replica");
  await here.sessions.revoke(ended.record.id, "ada");
  await eventually("the journal says that redis has taken it", () => truth.journal.open().length === 0);
  await new Promise((resolve) => setTimeout(resolve, 4000));
  expect(processes.map(({ trust }) => trust.concerns({ hashes: [hashSessionToken(ended.token)] }))).toEqual([
    false,
    false,
  ]);
  const before = there.trust.standing()?.epoch ?? 0;
  await master.kill();
  replica.resume();
  // What would have been believed is there.
  const held = await askRedis(replica, "GET", here.keys.session(hashSessionToken(ended.token)));
  expect(String(held)).toContain(ended.record.id);

  let accepted = 0;
  let denied = 0;
  let finds = 0;
  const promoted = () => processes.every(({ trust }) => (trust.standing()?.epoch ?? 0) > before);
  let untilMs = Infinity;
  const startedAtMs = performance.now();
  while (performance.now() < untilMs) {
    for (const { sessions } of processes) {
      const [past, present] = await Promise.all([sessions.find(ended.token), sessions.find(open.token)]);
      finds += 1;
      if (past.kind !== "unavailable" && past.value !== undefined) accepted += 1;
      if (present.kind === "unavailable" || present.value === undefined) denied += 1;
    }
    if (untilMs === Infinity && promoted()) untilMs = performance.now() + 3000;
    if (performance.now() - startedAtMs > 60_000) throw new Error("no failover within a minute");
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  expect({ accepted, denied }).toEqual({ accepted: 0, denied: 0 });
  expect(finds).toBeGreaterThan(100);
});
