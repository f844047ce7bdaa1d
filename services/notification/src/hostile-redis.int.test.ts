import { createNotifications, type Notifications } from "@vibe-friend/database/repositories/notifications";
import { inboxTopic, userTopic } from "@vibe-friend/contracts/bus-messages";
import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { connectTestClient, type TestClient } from "./testing/test-client";
import { startTestNode, type TestNode } from "./testing/test-node";
import { until } from "./testing/until";

let schema: TestSchema;
let inboxes: Notifications;
let redis: RedisServer;
const nodes: TestNode[] = [];
const clients: TestClient[] = [];

beforeAll(async () => {
  redis = await useTestRedis();
  schema = await prepareTestSchema(await useTestPostgres());
  inboxes = createNotifications(schema.database);
}, 30_000);

afterEach(async () => {
  for (const { socket } of clients.splice(0)) socket.disconnect();
  await Promise.all(nodes.splice(0).map((node) => node.stop()));
}, 30_000);

afterAll(async () => {
  await Promise.all([redis.stop(), schema.drop()]);
});

async function startNode(redisUrl = redis.url): Promise<TestNode> {
  const node = await startTestNode({ databaseUrl: schema.url, redisUrl });
  nodes.push(node);
  return node;
}

async function connect(node: TestNode, userId: string): Promise<TestClient> {
  const { token } = await node.store.create({ userId, userEpoch: 1 });
  const client = connectTestClient(node.url, { auth: { token } });
  clients.push(client);
  await until(() => client.statuses.length > 0);
  return client;
}

const garbage = [
  ...["", "no json", "{", "null", "[]", "7", '"x"', "{}", "[null,null,null]", "\u0000\u00ff"],
  ...['["u",{"type":2,"nsp":"/"}]', '["u",{"nsp":"/"},{}]', '["u",{"type":99,"nsp":"/"},{"rooms":1}]'],
  ...Array.from({ length: 12 }, (_, type) => JSON.stringify({ type })),
  ...Array.from({ length: 12 }, (_, type) => JSON.stringify({ type, requestId: "r", opts: 1, data: 1 })),
];

// What nobody catches fails the test that runs, as it would end the process.
it("harms no node and no socket with garbage on the adapter's and the bus' channels", async () => {
  const [node, other] = [await startNode(), await startNode()];
  const userId = await schema.addUser();
  const both = [await connect(node, userId), await connect(other, userId)];
  const publish = (channel: string, text: string) => node.state.commands.publish(channel, text);
  const channels = [
    "sockets#/#",
    "sockets-request#/#",
    "sockets-response#/#",
    "announced",
    userTopic(userId),
  ];
  for (const channel of [...channels, inboxTopic(userId)]) {
    for (const text of garbage) await publish(node.keys.notify(channel), text);
  }
  await inboxes.add({ userId, kind: "completed", level: "success", title: "Done" });
  await until(() => both.every((client) => client.notifications.length === 1), 3000);
  for (const client of both) expect([client.disconnects, client.told.revoked]).toEqual([[], false]);
});

describe("system:status", () => {
  it("says degraded at connect when Redis was never there, and normal on every node once it comes", async () => {
    await redis.kill();
    const both = [await startNode(), await startNode()];
    const userId = await schema.addUser();
    const told = [await connect(both[0]!, userId), await connect(both[1]!, userId)];
    for (const { statuses } of told) {
      expect(statuses[0]).toMatchObject({
        mode: "degraded",
        roles: { state: "degraded", cache: "degraded" },
      });
    }
    const before = Date.now();
    await redis.restart();
    await until(() => told.every(({ statuses }) => statuses.at(-1)?.mode === "normal"), 15_000);
    for (const { statuses } of told) {
      expect(statuses.at(-1)?.roles).toEqual({ state: "normal", cache: "normal" });
      expect(Date.parse(statuses.at(-1)!.since)).toBeGreaterThanOrEqual(before - 1000);
      // Every change once: nobody is told the same twice in a row.
      const said = statuses.map((status) => JSON.stringify(status));
      expect(said.filter((status, index) => status === said[index - 1])).toEqual([]);
    }
  }, 40_000);
});
