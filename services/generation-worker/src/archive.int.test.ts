import { createHash, randomBytes } from "node:crypto";
import { ARCHIVE_QUEUED_TOPIC } from "@vibe-friend/contracts/bus-messages";
import { ARCHIVE_QUEUE, archiveJobs } from "@vibe-friend/contracts/jobs";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import {
  createArchives,
  type Archives,
  type ArchiveState,
} from "@vibe-friend/database/repositories/archives";
import { createGenerations } from "@vibe-friend/database/repositories/generations";
import { newGeneration, prepareTestSchema, type TestSchema } from "@vibe-friend/database/testing/test-schema";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { createJobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import { connectTestRole } from "@vibe-friend/redis-kit/testing/connect-test-role";
import { silentLogger as logger } from "./domain/testing/silent-logger";
import { until } from "./domain/testing/until";
import { startTestArchiver, type TestArchiver, type TestArchiverOptions } from "./testing/test-archiver";

jest.setTimeout(30_000);

/** About ten parts. */
const pieces = Array.from({ length: 16 }, () => randomBytes(98_304).toString("base64"));

let schema: TestSchema;
let redis: RedisServer;
let archives: Archives;
let userId: string;
const archivers: TestArchiver[] = [];

beforeAll(async () => {
  redis = await useTestRedis();
  schema = await prepareTestSchema(await useTestPostgres());
  archives = createArchives(schema.database);
  userId = await schema.addUser();
}, 30_000);

afterAll(async () => {
  await Promise.all([redis.stop(), schema.drop()]);
}, 30_000);

afterEach(async () => {
  await Promise.all(archivers.map((archiver) => archiver.stop()));
  await Promise.all(archivers.splice(0).map((archiver) => archiver.close()));
  await schema.database.query("delete from generations");
});

async function start(options: Omit<TestArchiverOptions, "databaseUrl">): Promise<TestArchiver> {
  const archiver = await startTestArchiver({ databaseUrl: schema.url, ...options });
  archivers.push(archiver);
  return archiver;
}

/** Orders the archive of a generation that ended with one small file and one in parts. */
async function order(): Promise<ArchiveState> {
  const generations = createGenerations(schema.database);
  const { id } = (await generations.submit(newGeneration(userId))).generation;
  const insertFile = `insert into generation_files (generation_id, path, content, bytes, sha256) values ($1, $2, $3, $4, $5)`;
  const sha256 = createHash("sha256").update(pieces.join("")).digest("hex");
  await schema.database.query(insertFile, [id, "README.md", "# Books", 7, "0".repeat(64)]);
  await schema.database.query(insertFile, [id, "src/large.ts", null, pieces.join("").length, sha256]);
  for (const [part, content] of pieces.entries()) {
    await schema.database.query(
      "insert into generation_file_parts (generation_id, path, part, content) values ($1, 'src/large.ts', $2, $3)",
      [id, part, content],
    );
  }
  await schema.database.query(
    "update generations set status = 'completed', finished_at = now() where id = $1",
    [id],
  );
  return archives.request(userId, id);
}

const look = async (archive: ArchiveState) => archives.readPart(archive, 0);
const isReady = async (archive: ArchiveState) => (await look(archive))?.status === "ready";

async function readZip(archive: ArchiveState): Promise<Buffer> {
  await until(() => isReady(archive), 20_000);
  const parts: Buffer[] = [];
  for (;;) {
    const { content } = (await archives.readPart(archive, parts.length))!;
    if (content === null) return Buffer.concat(parts);
    parts.push(content);
  }
}

/** The zip of the same order that nobody disturbs: `archive` is ordered anew. */
async function readUndisturbed({ generationId }: ArchiveState): Promise<Buffer> {
  await schema.database.query("delete from archives where generation_id = $1", [generationId]);
  return readZip(await archives.request(userId, generationId));
}

async function attemptsOf({ generationId }: ArchiveState): Promise<number> {
  const [row] = await schema.database.query<{ attempt: number }>(
    "select attempt from archives where generation_id = $1",
    [generationId],
  );
  return row!.attempt;
}

it("builds what the queue brings, at most as many at once as it may", async () => {
  const test = await connectTestRole(redis.url);
  const keys = createKeys(test.config);
  const producer = createJobProducer({ ...test, keys, queue: ARCHIVE_QUEUE, catalogue: archiveJobs });
  let most = 0;
  await start({
    name: "one",
    redisUrl: redis.url,
    concurrency: 2,
    pass: async () => {
      const [row] = await schema.database.query<{ count: number }>(
        "select count(*)::int as count from archives where status = 'building'",
      );
      most = Math.max(most, row!.count);
    },
  });
  const orders: ArchiveState[] = [];
  for (let i = 0; i < 4; i += 1) {
    const archive = await order();
    orders.push(archive);
    await producer.add("build", { generationId: archive.generationId }, { id: `${archive.generationId}-1` });
  }
  for (const archive of orders) await readZip(archive);
  expect(most).toBeLessThanOrEqual(2);
  expect(archivers[0]?.outcomes).toEqual(["ready", "ready", "ready", "ready"]);
  await producer.close();
  await test.role.close();
});

it("builds without Redis, woken by news, what waited for a worker to be added", async () => {
  const early = await order();
  await start({ name: "late", redisUrl: "none" });
  expect((await readZip(early)).length).toBeGreaterThan(1_000_000);
  const transport = createNotifyTransport({ directUrl: schema.url, logger });
  const later = await order();
  await transport.publish(ARCHIVE_QUEUED_TOPIC, { generationId: later.generationId });
  expect((await readZip(later)).length).toBeGreaterThan(1_000_000);
  await transport.close();
});

it("goes on to the same bytes after a worker that died in the middle, who can't write any more", async () => {
  const archive = await order();
  let thaw: () => void = () => undefined;
  const thawed = new Promise<void>((resolve) => (thaw = resolve));
  const first = await start({
    name: "first",
    redisUrl: "none",
    pass: (part) => (part < 4 ? Promise.resolve() : thawed),
  });
  await until(async () => ((await look(archive))?.parts ?? 0) === 4);
  first.freeze();
  const heir = await start({ name: "heir", redisUrl: "none" });
  const zip = await readZip(archive);
  expect(await attemptsOf(archive)).toBe(2);
  thaw();
  await until(() => first.outcomes.length === 1);
  expect([first.outcomes, heir.outcomes]).toEqual([["fenced"], ["ready"]]);
  expect((await readZip(archive)).equals(zip)).toBe(true);
  expect((await readUndisturbed(archive)).equals(zip)).toBe(true);
});

it("hands back at once when its worker stops, at no cost, and another one goes on", async () => {
  const archive = await order();
  let release: () => void = () => undefined;
  const released = new Promise<void>((resolve) => (release = resolve));
  const leaving = await start({
    name: "leaving",
    redisUrl: "none",
    pass: (part) => (part < 4 ? Promise.resolve() : released),
  });
  await until(async () => ((await look(archive))?.parts ?? 0) === 4);
  const stopping = leaving.stop();
  release();
  await stopping;
  const left = await look(archive);
  expect(left?.status).toBe("queued");
  // The part that was being stored may still have been.
  expect(left?.parts).toBeLessThanOrEqual(5);
  expect(leaving.outcomes).toEqual(["handed-back"]);
  await start({ name: "staying", redisUrl: "none" });
  const zip = await readZip(archive);
  expect(await attemptsOf(archive)).toBe(1);
  expect((await readUndisturbed(archive)).equals(zip)).toBe(true);
});
