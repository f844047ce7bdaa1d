import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { useTestPostgres, useTestRedis } from "@vibe-friend/local-stack/test-servers";
import { createBreakableJournal } from "@vibe-friend/redis-kit/testing/breakable-journal";
import { invalidationScenarios } from "@vibe-friend/redis-kit/testing/invalidation-scenarios";
import { connectProcesses } from "@vibe-friend/redis-kit/testing/two-processes";
import { connectRedisJournal } from "./connect-redis-journal";
import { prepareTestSchema } from "./testing/test-schema";

invalidationScenarios("Redis and Postgres", async () => {
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
  const journalThere = createBreakableJournal(there);
  const processes = await connectProcesses("cache", server, { here, there: journalThere });
  return {
    processes,
    journal: here,
    journalThere,
    async close() {
      await processes.close();
      await Promise.all([here.close(), there.close()]);
      await redis.stop();
      await schema.drop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
});
