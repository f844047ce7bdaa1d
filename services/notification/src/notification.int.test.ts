import { generationTopic, userTopic } from "@vibe-friend/contracts/bus-messages";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import {
  createGenerationClaims,
  type ClaimedGeneration,
  type GenerationClaims,
} from "@vibe-friend/database/repositories/generation-claims";
import { createGenerations, type Generations } from "@vibe-friend/database/repositories/generations";
import { newGeneration, prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { connectTestClient, type TestClient } from "./testing/test-client";
import { startTestNode, type TestNode } from "./testing/test-node";
import { until } from "./testing/until";

const UNKNOWN = "01940000-0000-7000-8000-000000000001";

let schema: TestSchema;
let redis: RedisServer;
let nodes: readonly [TestNode, TestNode];
let generations: Generations;
let claims: GenerationClaims;
const clients: TestClient[] = [];

beforeAll(async () => {
  redis = await useTestRedis();
  schema = await prepareTestSchema(await useTestPostgres());
  generations = createGenerations(schema.database);
  claims = createGenerationClaims(schema.database, { workerId: "w", leaseMs: 60_000, maxAttempts: 3 });
  const options = { databaseUrl: schema.url, redisUrl: redis.url };
  nodes = [
    await startTestNode(options),
    await startTestNode({ ...options, allowedOrigins: ["https://app.example"] }),
  ];
}, 30_000);

afterEach(() => {
  for (const { socket } of clients.splice(0)) socket.disconnect();
});

afterAll(async () => {
  await Promise.all(nodes.map((node) => node.stop()));
  await Promise.all([redis.stop(), schema.drop()]);
}, 30_000);

async function signIn(node = nodes[0]) {
  const userId = await schema.addUser();
  const { token, record } = await node.store.create({ userId, userEpoch: 1 });
  return { userId, token, sessionId: record.id };
}

function connect(node: TestNode, options: Parameters<typeof connectTestClient>[1]): TestClient {
  const client = connectTestClient(node.url, options);
  clients.push(client);
  return client;
}

/** A generation that is being run, and what its worker does: commit, then publish. */
async function run(userId: string) {
  const { generation } = await generations.submit(newGeneration(userId));
  const claimed = (await claims.claim(generation.id)) as ClaimedGeneration;
  let afterSeq = claimed.lastSeq;
  return {
    id: generation.id,
    async write(count: number, { publish = true, text = "x" } = {}): Promise<void> {
      const events = Array.from({ length: count }, (): GenerationEventBody => ({
        type: "file:delta",
        path: "a",
        text,
      }));
      const { written } = await claims.appendEvents([{ hold: claimed, afterSeq, events }]);
      const batch = written[0]!;
      afterSeq = batch.seqTo;
      const { generationId, seqTo } = batch;
      const news = { generationId, seqTo, events: batch.events };
      if (publish) await nodes[0].bus.publish(generationTopic(generationId), news, { generationId, seqTo });
    },
  };
}

const range = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, index) => from + index);

describe("handshake", () => {
  it("lets in by cookie of either name or by token, over WebSocket and polling", async () => {
    const { token } = await signIn();
    const ways = [
      { auth: { token } },
      { extraHeaders: { cookie: `gvf_session=${token}` } },
      { extraHeaders: { cookie: `other=1; __Host-gvf_session=${token}` }, transports: ["polling"] },
    ];
    for (const way of ways) {
      const client = connect(nodes[0], way);
      await until(() => client.socket.connected);
      await until(() => client.statuses.length === 1);
      expect(client.statuses[0]).toMatchObject({
        mode: "normal",
        roles: { state: "normal", cache: "normal" },
      });
    }
  });

  it.each([[undefined], ["nonsense"], ["A".repeat(43)]])(
    "refuses without a session (%s) with a problem",
    async (token) => {
      const client = connect(nodes[0], token === undefined ? {} : { auth: { token } });
      await until(() => client.errors.length > 0);
      expect(client.errors[0]?.data).toMatchObject({ code: "unauthenticated", status: 401 });
    },
  );

  it("refuses a foreign page even with a good cookie, and takes the site's own and listed ones", async () => {
    const { token } = await signIn();
    const from = (node: TestNode, origin: string) =>
      connect(node, { reconnection: false, extraHeaders: { origin, cookie: `gvf_session=${token}` } });
    const foreign = [
      from(nodes[0], "https://evil.example"),
      from(nodes[0], "https://app.example"),
      from(nodes[0], "null"),
    ];
    for (const client of foreign) await until(() => client.errors.length === 1);
    const own = [
      from(nodes[0], "http://site.example"),
      from(nodes[0], nodes[0].url),
      from(nodes[1], "https://app.example"),
    ];
    for (const client of own) await until(() => client.socket.connected);
    expect(foreign.some(({ socket }) => socket.connected)).toBe(false);
  });

  it("cuts a message of more than 64 KB", async () => {
    const { token } = await signIn();
    const client = connect(nodes[0], { auth: { token }, reconnection: false });
    await until(() => client.socket.connected);
    client.socket.emit("generation:subscribe", { id: "x".repeat(70_000) }, () => undefined);
    await until(() => client.disconnects.length === 1);
  });
});

describe("generation events", () => {
  it("reach the owner's sockets on every node, once and in order, and nobody else's", async () => {
    const [anna, ben] = [await signIn(), await signIn()];
    const annas = await run(anna.userId);
    const bens = await run(ben.userId);
    await annas.write(3);
    const sockets = [
      connect(nodes[0], { auth: { token: anna.token } }),
      connect(nodes[1], { auth: { token: anna.token } }),
      connect(nodes[1], { auth: { token: ben.token } }),
    ] as const;
    await until(() => sockets.every(({ socket }) => socket.connected));
    expect(await sockets[0].subscribe({ id: annas.id })).toEqual({ ok: true, status: "running", lastSeq: 4 });
    await sockets[1].subscribe({ id: annas.id, after: 2 });
    await sockets[2].subscribe({ id: bens.id });
    for (let round = 0; round < 10; round += 1) {
      await annas.write(2);
      await bens.write(1);
    }
    await until(() => sockets[0].events.length === 24 && sockets[2].events.length === 11);
    await until(() => sockets[1].events.length === 22);
    expect(sockets[0].seqs()).toEqual(range(1, 24));
    expect(sockets[1].seqs()).toEqual(range(3, 24));
    expect(sockets[2].seqs()).toEqual(range(1, 11));
    expect(new Set(sockets[2].events.map(({ generationId }) => generationId))).toEqual(new Set([bens.id]));
  });

  it("answers foreign and unknown ids alike, and bad requests with what is wrong", async () => {
    const [anna, ben] = [await signIn(), await signIn()];
    const bens = await run(ben.userId);
    const client = connect(nodes[0], { auth: { token: anna.token } });
    const foreign = await client.subscribe({ id: bens.id });
    expect(foreign).toMatchObject({ ok: false, problem: { code: "not_found", status: 404 } });
    expect(await client.subscribe({ id: UNKNOWN })).toEqual(foreign);
    for (const bad of [{ id: "../x" }, { id: bens.id, after: -1 }, { id: bens.id, more: 1 }, "x", null]) {
      const answer = await client.subscribe(bad as { id: string });
      expect(answer).toMatchObject({ ok: false, problem: { code: "invalid_request" } });
    }
    await bens.write(2);
    expect(client.events).toEqual([]);
  });

  it("come after the last seq to a client that was away, on another node", async () => {
    const { userId, token } = await signIn();
    const generation = await run(userId);
    const before = connect(nodes[0], { auth: { token } });
    await before.subscribe({ id: generation.id });
    await generation.write(5);
    await until(() => before.events.length === 6);
    before.socket.disconnect();
    await generation.write(4, { publish: false });
    const after = connect(nodes[1], { auth: { token } });
    await after.subscribe({ id: generation.id, after: 6 });
    await until(() => after.events.length === 4);
    expect(after.seqs()).toEqual(range(7, 10));
  });

  it("stop after unsubscribing, and start anew where a second subscription says", async () => {
    const { userId, token } = await signIn();
    const generation = await run(userId);
    await generation.write(2);
    const client = connect(nodes[0], { auth: { token } });
    await client.subscribe({ id: generation.id });
    await until(() => client.events.length === 3);
    await client.subscribe({ id: generation.id, after: 1 });
    await until(() => client.events.length === 5);
    await client.socket.emitWithAck("generation:unsubscribe", { id: generation.id });
    await generation.write(2);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(client.seqs()).toEqual([1, 2, 3, 2, 3]);
    expect(nodes[0].feed.size().followers).toBe(0);
  });

  it("wait for a client that doesn't read, cut it when it takes too long, and let it resume", async () => {
    const slow = await startTestNode({
      databaseUrl: schema.url,
      redisUrl: redis.url,
      limits: { burstBytes: 64 * 1024, stallMs: 700 },
    });
    try {
      const { userId, token } = await signIn();
      const generation = await run(userId);
      for (let batch = 0; batch < 30; batch += 1)
        await generation.write(20, { publish: false, text: "x".repeat(16_000) });
      const client = connect(slow, { auth: { token }, reconnection: false });
      await until(() => client.socket.connected);
      const { ws } = client.socket.io.engine.transport as unknown as {
        ws: { pause(): void; resume(): void };
      };
      ws.pause();
      client.socket.emit("generation:subscribe", { id: generation.id }, () => undefined);
      await until(() => slow.app.sockets() === 0, 8000);
      expect(await slow.readMetrics()).toMatch(/notification_slow_sockets_cut_total\{[^}]*\} 1/);
      ws.resume();
      const again = connect(slow, { auth: { token } });
      await again.subscribe({ id: generation.id, after: 500 });
      await until(() => again.events.length === 101);
      expect(again.seqs()).toEqual(range(501, 601));
    } finally {
      await slow.stop();
    }
  }, 20_000);
});

describe("a revoked session", () => {
  it("is told and disconnected when the news come, and no other session of the same person", async () => {
    const watchMs = 600_000;
    const node = await startTestNode({ databaseUrl: schema.url, redisUrl: redis.url, watchMs });
    try {
      const { userId, token, sessionId } = await signIn();
      const other = await nodes[0].store.create({ userId, userEpoch: 1 });
      const revoked = [connect(node, { auth: { token } }), connect(node, { auth: { token } })];
      const kept = connect(node, { auth: { token: other.token } });
      await until(() => [...revoked, kept].every(({ socket }) => socket.connected));
      await nodes[0].store.revoke(sessionId, userId);
      await nodes[0].bus.publish(userTopic(userId), {
        type: "sessions-revoked",
        userId,
        sessionIds: [sessionId],
      });
      await until(() => revoked.every((client) => client.told.revoked && !client.socket.connected), 1000);
      expect(kept.socket.connected).toBe(true);
    } finally {
      await node.stop();
    }
  });

  it("is disconnected by whichever node finds out, also where another one holds the socket", async () => {
    const deaf = await startTestNode({ databaseUrl: schema.url, redisUrl: redis.url, watchMs: 600_000 });
    try {
      const { userId, token, sessionId } = await signIn();
      const [near, far] = [connect(nodes[0], { auth: { token } }), connect(deaf, { auth: { token } })];
      await until(() => near.socket.connected && far.socket.connected);
      await nodes[0].store.revoke(sessionId, userId);
      await until(() => near.told.revoked && far.told.revoked && !far.socket.connected, 2000);
    } finally {
      await deaf.stop();
    }
  });

  it("is found within two seconds without any news", async () => {
    const { userId, token, sessionId } = await signIn();
    const client = connect(nodes[0], { auth: { token } });
    await until(() => client.socket.connected);
    await nodes[0].store.revoke(sessionId, userId);
    await until(() => client.told.revoked && !client.socket.connected, 2000);
    expect(client.disconnects).toEqual(["io server disconnect"]);
  });
});

describe("a node that stops", () => {
  it("closes its sockets so that they come back elsewhere, and ends in time", async () => {
    const leaving = await startTestNode({ databaseUrl: schema.url, redisUrl: redis.url });
    const { token } = await signIn();
    const client = connect(leaving, { auth: { token } });
    await until(() => client.socket.connected);
    const startedAt = Date.now();
    expect(await leaving.stop()).toBe(true);
    expect(Date.now() - startedAt).toBeLessThan(5000);
    expect(client.disconnects).toEqual(["transport close"]);
    expect(client.socket.active).toBe(true);
  });
});

describe("without Redis", () => {
  it("loses no event and no socket when Redis dies and returns in mid-stream, and says so", async () => {
    const { userId, token, sessionId } = await signIn();
    const generation = await run(userId);
    const both = nodes.map((node) => connect(node, { auth: { token } }));
    for (const client of both) await client.subscribe({ id: generation.id });
    await generation.write(5);
    await redis.kill();
    for (let round = 0; round < 10; round += 1) await generation.write(3);
    await until(() => both.every((client) => client.events.length === 36));
    await until(() => both.every(({ statuses }) => statuses.at(-1)?.mode === "degraded"));
    await redis.restart();
    await generation.write(4);
    await until(() => both.every((client) => client.events.length === 40));
    await until(() => both.every(({ statuses }) => statuses.at(-1)?.mode === "normal"), 8000);
    await generation.write(4);
    await until(() => both.every((client) => client.events.length === 44));
    for (const client of both) {
      expect(client.seqs()).toEqual(range(1, 44));
      expect(client.disconnects).toEqual([]);
    }
    await redis.kill();
    await nodes[0].store.revoke(sessionId, userId);
    await until(() => both.every((client) => client.told.revoked), 2500);
    await redis.restart();
  }, 30_000);

  it("serves from the first moment on when it is switched off", async () => {
    const alone = await startTestNode({ databaseUrl: schema.url, redisUrl: "none" });
    try {
      const { userId, token } = await signIn(alone);
      const generation = await run(userId);
      const client = connect(alone, { auth: { token } });
      await client.subscribe({ id: generation.id });
      await generation.write(3, { publish: false });
      await until(() => client.events.length === 4, 2500);
      expect(client.statuses[0]).toMatchObject({ mode: "degraded" });
    } finally {
      await alone.stop();
    }
  });
});
