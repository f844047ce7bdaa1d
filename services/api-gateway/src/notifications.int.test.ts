import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { internalNotificationCalls } from "@vibe-friend/contracts/internal";
import type { Notification } from "@vibe-friend/contracts/notification";
import { createNotifications, type Notifications } from "@vibe-friend/database/repositories/notifications";
import { createUsers } from "@vibe-friend/database/repositories/users";
import { prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import { useTestPostgres } from "@vibe-friend/local-stack/test-servers";
import { createInternalRoutes } from "@vibe-friend/service-kit/internal-routes";
import { createErrorHandler } from "@vibe-friend/service-kit/problem-response";
import { createRecordingLogger } from "@vibe-friend/service-kit/testing/recording-logger";
import express from "express";
import { startGateway, testSecret } from "./testing/start-gateway";

jest.setTimeout(30_000);

let schema: TestSchema;
let inboxes: Notifications;
let gateway: Awaited<ReturnType<typeof startGateway>>;
let nodes: readonly [TestNode, TestNode];
let limitTold: number[] = [];

type TestNode = Awaited<ReturnType<typeof startNode>>;

/** The internal calls as a notification node answers them. */
async function startNode() {
  let asked = 0;
  const app = express().use(express.json(), (_request, _response, next) => {
    asked += 1;
    next();
  });
  app.use(
    createInternalRoutes({
      calls: internalNotificationCalls,
      ...{ audience: "notification", secret: testSecret },
      handlers: {
        async inbox({ userId, ...query }) {
          const page = await inboxes.list(userId, query);
          return { ...page, items: [...page.items], unreadCount: await inboxes.unreadCount(userId) };
        },
        "mark-read": ({ userId, id }) => inboxes.markRead(userId, id),
        "mark-all-read": ({ userId }) => inboxes.markAllRead(userId),
        announce: ({ body, userId, caller }) => inboxes.announce({ ...body, by: { ...caller, userId } }),
        limit({ limit }) {
          limitTold.push(limit);
          return Promise.resolve({});
        },
      },
    }),
  );
  app.use(createErrorHandler(createRecordingLogger()));
  const server = createServer(app);
  await listen(server, 0);
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    asked: () => asked,
    start: () => listen(server, port),
    stop() {
      server.closeAllConnections();
      return new Promise<void>((resolve) =>
        server.close(() => {
          resolve();
        }),
      );
    },
  };
}

function listen(server: Server, port: number): Promise<void> {
  return new Promise((resolve) => server.listen(port, "127.0.0.1", resolve));
}

beforeAll(async () => {
  schema = await prepareTestSchema(await useTestPostgres());
  inboxes = createNotifications(schema.database);
  nodes = [await startNode(), await startNode()];
  gateway = await startGateway({
    ...{ databaseUrl: schema.url, redisUrl: "none", dailyLimit: 1 },
    notificationUrls: nodes.map(({ url }) => url),
  });
});

afterAll(async () => {
  await gateway.stop();
  await Promise.all(nodes.map((node) => node.stop()));
  await schema.drop();
});

let people = 0;
async function signInAs(role: "user" | "admin") {
  people += 1;
  const user = await createUsers(schema.database).create({
    ...{ email: `${role}${people}@example.org`, displayName: role, passwordHash: null, roles: [role] },
  });
  return gateway.signIn(user.id);
}

const note = (userId: string) => ({ userId, kind: "completed", level: "success", title: "Done" }) as const;
const path = "/api/v1/notifications";
type Inbox = { items: Notification[]; unreadCount: number; nextCursor: string | null };

it("lists one's own inbox and marks it read", async () => {
  const [ada, ben] = [await signInAs("user"), await signInAs("user")];
  for (let i = 0; i < 3; i += 1) await inboxes.add(note(ada.userId));
  const first = (await ada.get(`${path}?limit=2`)).body as Inbox;
  expect([first.items.map(({ seq }) => seq), first.unreadCount]).toEqual([[3, 2], 3]);
  const foreign = await ben.post(`${path}/${first.items[0]!.id}/read`);
  expect([foreign.status, (await ben.post(`${path}/none/read`)).status]).toEqual([404, 404]);
  const read = await ada.post(`${path}/${first.items[0]!.id}/read`);
  expect(read.body).toMatchObject({ unreadCount: 2, notification: { seq: 3 } });
  const rest = (await ada.get(`${path}?unread=true&cursor=${first.nextCursor!}`)).body as Inbox;
  expect([rest.items.map(({ seq }) => seq), rest.nextCursor]).toEqual([[1], null]);
  expect((await ada.post(`${path}/read-all`)).body).toEqual({ read: 2, unreadCount: 0 });
  expect((await ada.get(`${path}?cursor=x`)).status).toBe(400);
  expect((await ada.get(`${path}?unread=1`)).status).toBe(400);
});

it("announces for those who may, and only for them", async () => {
  const [ada, admin] = [await signInAs("user"), await signInAs("admin")];
  const body = { level: "info", message: " Soon. " };
  expect((await ada.post("/api/v1/admin/announcements", body)).status).toBe(403);
  const made = await admin.post("/api/v1/admin/announcements", body);
  expect(made.status).toBe(201);
  expect(made.body).toMatchObject({ level: "info", message: "Soon." });
  expect((await admin.post("/api/v1/admin/announcements", { ...body, message: "" })).status).toBe(400);
  expect(((await ada.get(path)).body as Inbox).items).toMatchObject([
    { kind: "announcement", body: "Soon." },
  ]);
});

it("refuses over the daily limit at once, and has the inbox told once", async () => {
  const ada = await signInAs("user");
  limitTold = [];
  expect((await ada.post("/api/v1/generations", { prompt: "one" })).status).toBe(202);
  for (let i = 0; i < 3; i += 1) {
    expect((await ada.post("/api/v1/generations", { prompt: "two" })).status).toBe(429);
  }
  const endsAt = Date.now() + 5000;
  while (limitTold.length === 0 && Date.now() < endsAt)
    await new Promise((resolve) => setTimeout(resolve, 5));
  expect(limitTold).toEqual([1]);
});

it("asks the other node when one has gone, and says 503 when none is left", async () => {
  const ada = await signInAs("user");
  const before = nodes.map((node) => node.asked());
  expect((await ada.get(path)).status).toBe(200);
  const [own, other] = nodes[0].asked() > before[0]! ? nodes : [nodes[1], nodes[0]];
  await own.stop();
  expect((await ada.get(path)).status).toBe(200);
  await other.stop();
  const none = await ada.get(path);
  expect(none.status).toBe(503);
  expect(none.headers["retry-after"]).toBeDefined();
  expect((await ada.post("/api/v1/generations", { prompt: "still" })).status).toBe(202);
  expect((await ada.post("/api/v1/generations", { prompt: "too many" })).status).toBe(429);
  await Promise.all(nodes.map((node) => node.start()));
});
