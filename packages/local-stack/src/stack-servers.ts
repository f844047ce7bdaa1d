import { join } from "node:path";
import { startPostgres, type PostgresServer } from "./postgres-server";
import { describeRedisInstallation } from "./redis-binary";
import { startRedis, type RedisServer } from "./redis-server";
import type { StackParts } from "./stack-parts";

/** What the services keep their data in. */
export interface StackServers {
  readonly databaseUrl: string;
  /** Undefined when there is none, or when the environment says where it is. */
  readonly redisUrl: string | undefined;
  readonly postgres: PostgresServer | undefined;
  readonly redis: RedisServer | undefined;
}

interface ServerOptions {
  readonly dataDir: string;
  readonly databaseUrl?: string | undefined;
  readonly redis: boolean | string;
  readonly redisPassword: string;
  readonly onProgress: (line: string) => void;
  readonly onWarning: (line: string) => void;
}

const databaseName = "vibe_friend";

/** Starts the private servers, as far as others have not been named. */
export async function startStackServers(parts: StackParts, options: ServerOptions): Promise<StackServers> {
  const [database, redis] = await Promise.all([findDatabase(parts, options), findRedis(parts, options)]);
  return { ...database, ...redis };
}

async function findDatabase(
  parts: StackParts,
  { dataDir, databaseUrl, onProgress }: ServerOptions,
): Promise<Pick<StackServers, "databaseUrl" | "postgres">> {
  if (databaseUrl !== undefined) {
    onProgress("Postgres as DATABASE_URL says");
    return { databaseUrl, postgres: undefined };
  }
  const part = parts.add({ name: "postgres", kind: "postgres" });
  const postgres = await startPostgres({ dataDir: join(dataDir, "postgres"), onExit: part.onExit });
  try {
    const url = await postgres.createDatabase(databaseName);
    await part.adopt(postgres, url);
    onProgress(`Postgres ${postgres.version} on port ${postgres.port}`);
    return { databaseUrl: url, postgres };
  } catch (error) {
    await postgres.stop();
    throw error;
  }
}

async function findRedis(
  parts: StackParts,
  { dataDir, redis: wanted, redisPassword, onProgress, onWarning }: ServerOptions,
): Promise<Pick<StackServers, "redisUrl" | "redis">> {
  if (wanted === "environment") return { redisUrl: undefined, redis: undefined };
  if (typeof wanted === "string") return { redisUrl: wanted, redis: undefined };
  if (!wanted) {
    onProgress("no Redis, as asked: running degraded");
    return { redisUrl: "none", redis: undefined };
  }
  const part = parts.add({ name: "redis", kind: "redis", role: "state" });
  const redis = await startRedis({
    dataDir: join(dataDir, "redis"),
    password: redisPassword,
    onExit: part.onExit,
    onProgress,
  });
  if (redis === undefined) {
    onWarning(`No Redis found: starting degraded. To get one: ${describeRedisInstallation()}`);
    return { redisUrl: "none", redis: undefined };
  }
  await part.adopt(redis, redis.url);
  onProgress(`Redis ${redis.version} on port ${redis.port}`);
  return { redisUrl: redis.url, redis };
}
