import { createInternalClient } from "@vibe-friend/service-kit/internal-client";
import { internalNotificationCalls } from "@vibe-friend/contracts/internal";
import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { MAX_UNREAD } from "./domain/open-inbox";
import { silentLogger as logger } from "./domain/testing/silent-logger";
import { connectTestClient, type TestClient } from "./testing/test-client";
import { startTestNode, tokenSecret, type TestNode } from "./testing/test-node";
import { until } from "./testing/until";

const UNKNOWN = "01940000-0000-7000-8000-000000000001";

let schema: TestSchema;
let redis: RedisServer;
let nodes: readonly [TestNode, TestNode];
const clients: TestClient[] = [];

beforeAll(async () => {
  redis = await useTestRedis();
  schema = await prepareTestSchema(await useTestPostgres());
  const options = { databaseUrl: schema.url, redisUrl: redis.url };
  nodes = [await startTestNode(options), await startTestNode(options)];
}, 30_000);

afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.disconnect();
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await Promise.all([redis.stop(), schema.drop()]);
}, 30_000);

async function signIn() {
  const userId = await schema.addUser();
  const { token } = await nodes[0].store.create({ userId, userEpoch: 1 });
  return { userId, token };
}

async function connect(node: TestNode, token: string): Promise<TestClient> {
  const client = connectTestClient(node.url, { auth: { token } });
  clients.push(client);
  await until(() => client.socket.connected);
  return client;
}

function noteFor(userId: string) {
  return { userId, kind: "completed", level: "success", title: "Done" } as const;
}

/** What a worker does: commit, then tell, unless the test says that nobody hears it. */
async function notify(userId: string, { tell = true } = {}): Promise<void> {
  const seq = await nodes[0].inboxes.add(noteFor(userId));
  if (tell && seq !== undefined) await nodes[0].inboxNews.grown(userId, seq);
}

const ask = (node: TestNode, given: { audience?: string } = {}) =>
  createInternalClient({
    calls: internalNotificationCalls,
    ...{ url: node.url, audience: "notification", issuer: "api-gateway", secret: tokenSecret },
    ...{ timeoutMs: 5000, logger, ...given },
  });

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("notifications", () => {
  it("that are unread come at connect, then what comes, to every socket of the person on every node", async () => {
    const [ada, ben] = [await signIn(), await signIn()];
    for (let i = 0; i < 3; i += 1) await notify(ada.userId);
    await nodes[0].inboxes.markAllRead(ada.userId);
    for (let i = 0; i < 2; i += 1) await notify(ada.userId);
    const sockets = [
      await connect(nodes[0], ada.token),
      await connect(nodes[0], ada.token),
      await connect(nodes[1], ada.token),
    ];
    const bens = await connect(nodes[1], ben.token);
    await until(() => sockets.every((client) => client.notifications.length === 2));
    for (let i = 0; i < 20; i += 1) await notify(i === 10 ? ben.userId : ada.userId);
    await until(() => sockets.every((client) => client.notifications.length >= 21));
    for (const client of sockets) expect(client.notified()).toEqual(range(4, 24));
    expect(bens.notified()).toEqual([1]);
    expect(bens.notifications[0]).toMatchObject({ kind: "completed", title: "Done", readAt: null });
  });

  it("come without any news, within the look that is taken every second", async () => {
    const { userId, token } = await signIn();
    const client = await connect(nodes[1], token);
    for (let i = 0; i < 25; i += 1) await notify(userId, { tell: false });
    await until(() => client.notifications.length >= 25, 3000);
    expect(client.notified()).toEqual(range(1, 25));
  });

  it("are told once whatever news come twice, late or lie about what is there", async () => {
    const { userId, token } = await signIn();
    const client = await connect(nodes[1], token);
    for (const lastSeq of [1, 5, 5, 2, 90, 1]) {
      await notify(userId, { tell: false });
      await nodes[0].inboxNews.grown(userId, lastSeq);
      await nodes[0].inboxNews.grown(userId, lastSeq);
    }
    await until(() => client.notifications.length >= 6, 3000);
    await notify(userId);
    await until(() => client.notifications.length >= 7);
    expect(client.notified()).toEqual(range(1, 7));
  });

  it("of somebody who was away long are the latest ones, and nothing is missing behind them", async () => {
    const { userId, token } = await signIn();
    for (let i = 0; i < MAX_UNREAD + 5; i += 1) await nodes[0].inboxes.add(noteFor(userId));
    const client = await connect(nodes[0], token);
    await notify(userId);
    await until(() => client.notifications.length >= MAX_UNREAD + 1);
    expect(client.notified()).toEqual(range(6, MAX_UNREAD + 6));
  });

  it("that come while somebody connects are neither missed nor told twice", async () => {
    const { userId, token } = await signIn();
    const writer = (async () => {
      for (let i = 0; i < 60; i += 1) await notify(userId);
    })();
    const sockets: TestClient[] = [];
    for (let i = 0; i < 6; i += 1) sockets.push(await connect(nodes[i % 2]!, token));
    await writer;
    await until(() => sockets.every((client) => client.notified().at(-1) === 60));
    for (const client of sockets) expect(client.notified()).toEqual(range(1, 60));
  });

  it("all arrive once and in order when Redis dies between two of them and comes back", async () => {
    const { userId, token } = await signIn();
    const both = [await connect(nodes[0], token), await connect(nodes[1], token)];
    await notify(userId);
    await until(() => both.every((client) => client.notifications.length === 1));
    await redis.kill();
    for (let i = 0; i < 4; i += 1) await notify(userId);
    await until(() => both.every((client) => client.notifications.length >= 5), 5000);
    await redis.restart();
    for (let i = 0; i < 4; i += 1) await notify(userId);
    await until(() => both.every((client) => client.notifications.length >= 9), 5000);
    await until(() => both.every(({ statuses }) => statuses.at(-1)?.mode === "normal"), 15_000);
    await notify(userId);
    await until(() => both.every((client) => client.notifications.length >= 10));
    for (const client of both) {
      expect(client.notified()).toEqual(range(1, 10));
      expect(client.disconnects).toEqual([]);
    }
  }, 40_000);

  it("that a node could not deliver any more come from the other one", async () => {
    const { userId, token } = await signIn();
    const leaving = await startTestNode({ databaseUrl: schema.url, redisUrl: redis.url });
    const before = await connect(leaving, token);
    await notify(userId);
    await until(() => before.notifications.length === 1);
    await nodes[0].inboxes.markRead(userId, before.notifications[0]!.id);
    await leaving.stop();
    await notify(userId);
    const after = await connect(nodes[1], token);
    await notify(userId);
    await until(() => after.notifications.length >= 2);
    expect(after.notified()).toEqual([2, 3]);
    expect(before.notified()).toEqual([1]);
  }, 20_000);
});

describe("the gateway's calls", () => {
  it("need the token of a service", async () => {
    const { userId } = await signIn();
    const refused = ask(nodes[0], { audience: "cache" }).call("inbox", { userId, limit: 1 });
    await expect(refused).rejects.toMatchObject({ code: "unavailable" });
    expect((await fetch(`${nodes[0].url}/internal/inbox`, { method: "POST" })).status).toBe(401);
  });

  it("list and mark read what is one's own", async () => {
    const [ada, ben] = [await signIn(), await signIn()];
    for (let i = 0; i < 3; i += 1) await notify(ada.userId);
    const { call } = ask(nodes[0]);
    const inbox = await call("inbox", { userId: ada.userId, limit: 2 });
    expect(inbox).toMatchObject({ unreadCount: 3, items: [{ seq: 3 }, { seq: 2 }] });
    const { id } = inbox.items[0]!;
    await expect(call("mark-read", { userId: ben.userId, id })).rejects.toMatchObject({ code: "not_found" });
    await expect(call("mark-read", { userId: ada.userId, id: UNKNOWN })).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await call("mark-read", { userId: ada.userId, id })).toMatchObject({ unreadCount: 2 });
    expect(await call("mark-all-read", { userId: ada.userId })).toEqual({ read: 2, unreadCount: 0 });
    const rest = { userId: ada.userId, limit: 10, cursor: inbox.nextCursor!, unread: true };
    expect(await call("inbox", rest)).toEqual({ items: [], nextCursor: null, unreadCount: 0 });
    await expect(call("inbox", { ...rest, cursor: "x" })).rejects.toMatchObject({ code: "invalid_request" });
  });

  it("announce to everybody, here, on the other node and away", async () => {
    const [here, there, away] = [await signIn(), await signIn(), await signIn()];
    const online = [await connect(nodes[0], here.token), await connect(nodes[1], there.token)];
    const order = {
      body: { level: "warning", message: "Down at 12." },
      userId: here.userId,
      caller: {},
    } as const;
    const made = await ask(nodes[0]).call("announce", order);
    await until(() => online.every((client) => client.notifications.length === 1));
    const late = await connect(nodes[1], away.token);
    await until(() => late.notifications.length === 1);
    for (const { notifications } of [...online, late]) {
      expect(notifications[0]).toMatchObject({ kind: "announcement", level: "warning", body: "Down at 12." });
    }
    expect(made.people).toBeGreaterThanOrEqual(3);
  });

  it("tell a person once a day that the limit is met", async () => {
    const { userId, token } = await signIn();
    const client = await connect(nodes[1], token);
    await Promise.all(range(1, 5).map(() => ask(nodes[0]).call("limit", { userId, limit: 7 })));
    await until(() => client.notifications.length === 1);
    await notify(userId);
    await until(() => client.notifications.length === 2);
    expect(client.notifications.map(({ kind, seq }) => [kind, seq])).toEqual([
      ["limit", 1],
      ["completed", 2],
    ]);
    expect(client.notifications[0]?.body).toMatch(/At most 7 generations/);
  });
});
