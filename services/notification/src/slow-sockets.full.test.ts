import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import { generationTopic } from "@vibe-friend/contracts/bus-messages";
import type { GenerationEventBody } from "@vibe-friend/contracts/generation-event";
import { createGenerationClaims } from "@vibe-friend/database/repositories/generation-claims";
import { createGenerations } from "@vibe-friend/database/repositories/generations";
import { newGeneration, prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { createTemporaryDirectory } from "@vibe-friend/local-stack/temporary-directory";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { openStoppedReader } from "./testing/stopped-reader";
import { connectTestClient, type TestClient } from "./testing/test-client";
import { startTestNode, type TestNode } from "./testing/test-node";
import { until } from "./testing/until";

const SLOW = 1000;
const PEOPLE = 20;
const ROUNDS = 80;
const EVENTS_A_ROUND = 10;
/** Characters; a generation's log becomes about 1.6 MB, far more than the system takes for a reader that stopped. */
const TEXT = "x".repeat(2000);
const MAX_GROWTH_MB = 200;

let schema: TestSchema;
let redis: RedisServer;
let node: TestNode;
let unix: Server;
let path: string;

beforeAll(async () => {
  redis = await useTestRedis();
  schema = await prepareTestSchema(await useTestPostgres());
  node = await startTestNode({ databaseUrl: schema.url, redisUrl: redis.url });
  path = join(createTemporaryDirectory("slow-sockets"), "node.sock");
  unix = createServer((socket) => node.server.emit("connection", socket));
  await new Promise<void>((resolve) => unix.listen(path, resolve));
}, 60_000);

afterAll(async () => {
  await node.stop();
  unix.close();
  await Promise.all([redis.stop(), schema.drop()]);
}, 60_000);

const slow: ReturnType<typeof openStoppedReader>[] = [];
let readers: (TestClient & { followed: Promise<unknown> })[] = [];

afterEach(() => {
  for (const { socket } of readers) socket.disconnect();
  for (const { close } of slow) close();
});

const collectGarbage = (() => {
  setFlagsFromString("--expose-gc");
  return runInNewContext("gc") as () => void;
})();

const residentMb = () => process.memoryUsage().rss / 1024 / 1024;

/** Somebody with a generation that a worker is writing. */
async function startBusyPerson() {
  const claims = createGenerationClaims(schema.database, { workerId: "w", leaseMs: 600_000, maxAttempts: 3 });
  const userId = await schema.addUser();
  const { token } = await node.store.create({ userId, userEpoch: 1 });
  const { generation } = await createGenerations(schema.database).submit(newGeneration(userId));
  const hold = (await claims.claim(generation.id))!;
  let afterSeq = hold.lastSeq;
  return {
    token,
    id: generation.id,
    async write(): Promise<void> {
      const delta: GenerationEventBody = { type: "file:delta", path: "a.ts", text: TEXT };
      const events = Array.from({ length: EVENTS_A_ROUND }, () => delta);
      const { written } = await claims.appendEvents([{ hold, afterSeq, events }]);
      const batch = written[0]!;
      afterSeq = batch.seqTo;
      const pointer = { generationId: generation.id, seqTo: batch.seqTo };
      await node.bus.publish(generationTopic(generation.id), { ...pointer, events: batch.events }, pointer);
    },
  };
}

it(`costs under ${MAX_GROWTH_MB} MB when ${SLOW} sockets stop reading, and readers that read get everything`, async () => {
  const people: Awaited<ReturnType<typeof startBusyPerson>>[] = [];
  while (people.length < PEOPLE) people.push(await startBusyPerson());
  readers = people.map(({ token, id }) => {
    const client = connectTestClient(node.url, { auth: { token } });
    return { ...client, followed: client.subscribe({ id }) };
  });
  await Promise.all(readers.map(({ followed }) => followed));
  for (const person of people) await person.write();
  collectGarbage();
  const before = residentMb();

  // A few at a time: the system takes only so many that wait to be accepted.
  while (slow.length < SLOW) {
    const wave = people.map((person) => openStoppedReader(path, person));
    slow.push(...wave);
    await Promise.all(wave.map(({ stopped }) => stopped));
  }
  let peak = 0;
  const sampling = setInterval(() => (peak = Math.max(peak, residentMb())), 100);
  const connected = residentMb();
  for (let round = 1; round < ROUNDS; round += 1) await Promise.all(people.map((person) => person.write()));
  const total = ROUNDS * EVENTS_A_ROUND + 1;
  await until(() => readers.every(({ events }) => events.length >= total), 30_000);
  for (const { seqs } of readers)
    expect(seqs()).toEqual(Array.from({ length: total }, (_, index) => index + 1));
  await until(() => slow.every(({ isClosed }) => isClosed()) || node.app.sockets() === PEOPLE, 60_000);
  clearInterval(sampling);
  expect(await node.readMetrics()).toMatch(/notification_slow_sockets_cut_total\{[^}]*\} [1-9]/);
  // The readers' own copies are the test's, not the node's.
  const ownMb = (PEOPLE * total * TEXT.length) / 1024 / 1024;
  process.stdout.write(
    `${SLOW} sockets: ${Math.round(connected - before)} MB connected, ${Math.round(peak - before)} MB at most, ${Math.round(ownMb)} MB of it the test's own\n`,
  );
  expect(peak - before - ownMb).toBeLessThan(MAX_GROWTH_MB);
}, 300_000);
