import { startPostgres } from "@vibe-friend/local-stack/postgres-server";
import type { PostgresServer } from "@vibe-friend/local-stack/postgres-server";
import { describeRedisInstallation, findRedisBinary } from "@vibe-friend/local-stack/redis-binary";
import { startRedis } from "@vibe-friend/local-stack/redis-server";
import { connectDatabase } from "@vibe-friend/database/data-source";
import { runMigrations } from "@vibe-friend/database/migrate";
import { createUsers } from "@vibe-friend/database/repositories/users";
import type { BenchContext, BenchDatabase } from "./benchmark";

export type BenchServers = Pick<BenchContext, "startRedis" | "openDatabase"> & {
  /** What was used, as it said itself. */
  versions(): Promise<{ redis: string; postgres: string }>;
  close(): Promise<void>;
};

const cacheSettings = ["--appendonly", "no", "--maxmemory", "1gb", "--maxmemory-policy", "allkeys-lru"];

/** Private servers, started when the first benchmark needs them. */
export function createBenchServers(): BenchServers {
  let postgres: Promise<PostgresServer> | undefined;
  let databases = 0;
  return {
    async startRedis(kind) {
      const redis = await startRedis({ args: kind === "cache" ? cacheSettings : [] });
      if (redis === undefined)
        throw new Error(`there is no Redis to measure; ${describeRedisInstallation()}`);
      return redis;
    },
    async openDatabase() {
      postgres ??= startPostgres();
      databases += 1;
      const name = `bench_${databases}`;
      return prepareDatabase(await (await postgres).createDatabase(name));
    },
    async versions() {
      const redis = (await findRedisBinary())?.version ?? "none";
      const server = await postgres;
      return { redis, postgres: server === undefined ? "not used" : `${server.version}, ${server.source}` };
    },
    async close() {
      await (await postgres)?.stop();
    },
  };
}

async function prepareDatabase(url: string): Promise<BenchDatabase> {
  await runMigrations(url);
  const database = await connectDatabase({ url, applicationName: "bench", waitForMs: 10_000 });
  try {
    const user = await createUsers(database).create({
      email: "bench@example.org",
      displayName: "Bench",
      passwordHash: null,
      roles: ["user"],
    });
    return { url, userId: user.id };
  } finally {
    await database.close();
  }
}
