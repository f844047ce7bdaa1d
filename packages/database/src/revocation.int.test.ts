import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { revocationScenarios } from "@vibe-friend/redis-kit/testing/revocation-scenarios";
import { connectProcesses } from "@vibe-friend/redis-kit/testing/two-processes";
import { connectRedisJournal } from "./connect-redis-journal";
import { createSessionTruth } from "./repositories/session-truth";
import { prepareTestSchema } from "./testing/test-schema";

const isFull = process.env["VIBE_TEST_FULL"] === "1";

revocationScenarios("Redis and Postgres", async () => {
  const dataDir = mkdtempSync(join(tmpdir(), "redis-dump-"));
  const [postgres, redis] = await Promise.all([
    useTestPostgres(),
    // Without an append-only file it comes back with its dump.
    useTestRedis({ dataDir, args: ["--appendonly", "no"] }),
  ]);
  const schema = await prepareTestSchema(postgres);
  const connect = (applicationName: string) =>
    connectRedisJournal(schema.database, { url: schema.url, applicationName });
  const [here, there] = await Promise.all([connect("here"), connect("there")]);
  const server = {
    url: redis.url,
    dataDir,
    kill: () => redis.kill(),
    restart: () => redis.restart(),
    freeze: () => {
      redis.freeze();
    },
    resume: () => {
      redis.resume();
    },
  };
  const processes = await connectProcesses("state", server, { here, there });
  return {
    finds: isFull ? 10_000 : 1000,
    processes,
    truth: createSessionTruth(schema.database),
    userId: await schema.addUser(),
    countOpen: () => here.countOpen(),
    async close() {
      await processes.close();
      await Promise.all([here.close(), there.close()]);
      await redis.stop();
      await schema.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});
