import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { keepTrust } from "@vibe-friend/redis-kit/journal/keep-trust";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { createSessionStore } from "@vibe-friend/redis-kit/sessions/session-store";
import { connectTestRole } from "@vibe-friend/redis-kit/testing/connect-test-role";
import { createCutOffProxy, type CutOffProxy } from "@vibe-friend/redis-kit/testing/cut-off-proxy";
import { eventually } from "@vibe-friend/redis-kit/testing/redis-faults";
import { setTimeout as sleep } from "node:timers/promises";
import { connectRedisJournal } from "./connect-redis-journal";
import { connectDatabase } from "./data-source";
import { createSessionTruth } from "./repositories/session-truth";
import { prepareTestSchema, type TestSchema } from "./testing/test-schema";

const hourMs = 3_600_000;

let schema: TestSchema;
let redis: Awaited<ReturnType<typeof useTestRedis>>;
let postgres: CutOffProxy;
const stops: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  [schema, redis] = await Promise.all([
    useTestPostgres().then((given) => prepareTestSchema(given)),
    useTestRedis(),
  ]);
  postgres = await createCutOffProxy(Number(new URL(schema.url).port));
});
afterEach(async () => {
  postgres.heal();
  for (const stop of stops.splice(0).reverse()) await stop();
});
afterAll(async () => {
  await postgres.close();
  await redis.stop();
  await schema.drop();
});

/** A process that reaches Postgres through the proxy alone. */
async function connect(staleMaxMs: number) {
  const url = new URL(schema.url);
  url.host = `${postgres.host}:${postgres.port}`;
  const options = { url: url.toString(), applicationName: "cut off" };
  const database = await connectDatabase(options);
  stops.push(() => database.close());
  const journal = await connectRedisJournal(database, options);
  stops.push(() => journal.close());
  const { role, config } = await connectTestRole(redis.url);
  stops.push(() => role.close());
  const keys = createKeys(config);
  const watch = await keepTrust({ journal, roles: [role], keys, staleMaxMs });
  stops.push(() => watch.stop());
  const trust = watch.of(role);
  const limits = { ttlMs: hourMs, maxAgeMs: hourMs, staleMaxMs };
  const sessions = createSessionStore({ role, truth: createSessionTruth(database), keys, trust, ...limits });
  return { trust, sessions };
}

/** Such a process, with a session that it has found in Redis. */
async function startProcess(staleMaxMs: number) {
  const { trust, sessions } = await connect(staleMaxMs);
  await eventually("redis is trusted", () => trust.verdict().kind === "trusted");
  const { token, record } = await sessions.create({ userId: await schema.addUser(), userEpoch: 1 });
  return {
    trust,
    find: () => sessions.find(token),
    /** Behind its back, and without telling Redis. */
    async end() {
      const selector = { kind: "one", userId: record.userId, sessionId: record.id } as const;
      await createSessionTruth(schema.database).revoke(selector, { role: "state", kind: "session.revoked" });
    },
    sessionId: record.id,
    token,
  };
}

describe("a process that is cut off from Postgres", () => {
  it.each(["refuse", "silence"] as const)(
    "accepts what Redis holds for the allowed time at most, and says that it can't know (%s)",
    async (how) => {
      const { trust, find, end, sessionId } = await startProcess(3000);
      postgres.cut(how);
      await end();
      await eventually("redis alone is believed", () => trust.verdict().kind === "unconfirmed", 3000);
      expect(await find()).toMatchObject({ kind: "ok", value: { id: sessionId } });
      await sleep(9000);
      for (let again = 0; again < 5; again += 1) expect(await find()).toMatchObject({ kind: "unavailable" });
      postgres.heal();
      await eventually("the truth answers", async () => (await find()).kind === "ok");
      expect(await find()).toMatchObject({ kind: "ok", value: undefined });
    },
    60_000,
  );

  it("believes no Redis that was restarted meanwhile", async () => {
    const { find, end, sessionId } = await startProcess(hourMs);
    expect(await find()).toMatchObject({ kind: "ok", value: { id: sessionId } });
    postgres.cut("refuse");
    await end();
    await redis.kill();
    await redis.restart();
    let unavailable = 0;
    const untilMs = performance.now() + 5000;
    while (performance.now() < untilMs) {
      const found = await find();
      if (found.kind === "unavailable") unavailable += 1;
      else expect(found.value).toBeUndefined();
      await sleep(5);
    }
    expect(unavailable).toBeGreaterThan(100);
  }, 60_000);

  it("starts without Postgres and Redis, says that it can't know, and knows once they are back", async () => {
    const { token, sessionId } = await startProcess(hourMs);
    postgres.cut("silence");
    await redis.kill();
    const startedAtMs = performance.now();
    const { trust, sessions } = await connect(hourMs);
    expect(performance.now() - startedAtMs).toBeLessThan(30_000);
    expect(await sessions.find(token)).toMatchObject({ kind: "unavailable" });
    await redis.restart();
    // Redis alone is not enough: nobody has said which server is the one to be believed.
    await sleep(2000);
    expect(await sessions.find(token)).toMatchObject({ kind: "unavailable" });
    expect(trust.verdict().kind).toBe("untrusted");
    postgres.heal();
    await eventually("the session is found", async () => {
      const found = await sessions.find(token);
      return found.kind !== "unavailable" && found.value?.id === sessionId;
    });
    await eventually("redis is trusted", () => trust.verdict().kind === "trusted");
  }, 90_000);
});
