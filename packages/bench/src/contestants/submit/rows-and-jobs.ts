import { connectDatabase } from "@vibe-friend/database/data-source";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { Redis } from "ioredis";
import type { SubmitContestant, SubmitSetup } from "./submit-contestant";

/** Looks at our rows and jobs from outside. */
export async function openRowsAndJobs({
  databaseUrl,
  redisUrl,
}: SubmitSetup): Promise<
  Pick<SubmitContestant, "count" | "countRows" | "clear"> & { close(): Promise<void> }
> {
  const database = await connectDatabase({ url: databaseUrl, applicationName: "bench", waitForMs: 10_000 });
  const redis = new Redis(redisUrl, { commandTimeout: 2000 });
  redis.on("error", () => {
    // Counting tells of it.
  });
  const keys = createKeys(parseRedisConfig({ REDIS_URL: redisUrl }));
  const queue = `${keys.queuePrefix}:${keys.queueName("generation")}`;

  async function countRows(): Promise<number> {
    const [row] = await database.query<{ rows: number }>("select count(*)::int as rows from generations");
    return row?.rows ?? 0;
  }

  return {
    countRows,
    async count() {
      const [rows, waiting, prioritized] = await Promise.all([
        countRows(),
        redis.llen(`${queue}:wait`),
        redis.zcard(`${queue}:prioritized`),
      ]);
      return { rows, jobs: waiting + prioritized };
    },
    async clear() {
      await database.query("truncate generations, generation_usage cascade");
    },
    async close() {
      redis.disconnect();
      await database.close();
    },
  };
}
