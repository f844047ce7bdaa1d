import { QUEUED_TOPIC } from "@vibe-friend/contracts/bus-messages";
import { generationJobs } from "@vibe-friend/contracts/jobs";
import { connectDatabase } from "@vibe-friend/database/data-source";
import type { Database } from "@vibe-friend/database/data-source";
import { createNotifyTransport } from "@vibe-friend/database/notify-transport";
import { createGenerations } from "@vibe-friend/database/repositories/generations";
import { createUsers } from "@vibe-friend/database/repositories/users";
import { createBus } from "@vibe-friend/redis-kit/bus/bus";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { createKeys } from "@vibe-friend/redis-kit/keys";
import { noLogger as logger } from "@vibe-friend/redis-kit/logger";
import { createJobProducer } from "@vibe-friend/redis-kit/queue/job-producer";
import { openRowsAndJobs } from "./rows-and-jobs";
import { databasePoolSize, prompt } from "./submit-contestant";
import type { OpenSubmit } from "./submit-contestant";

const applicationName = "bench";
/** As by default; nobody has so many open here. */
const limits = { maxOpen: 100_000, dailyLimit: 0 };

/**
 * What the gateway does with a checked request: row, event and count in one transaction, then the job behind the
 * answer, or over the bus where Redis doesn't take it.
 */
export const openOurs: OpenSubmit = async (setup) => {
  const { databaseUrl: url, redisUrl } = setup;
  const config = parseRedisConfig({ REDIS_URL: redisUrl });
  const keys = createKeys(config);
  const role = await connectRedisRole({ role: "state", config: config.state, logger });
  const poolSize = databasePoolSize;
  const database = await connectDatabase({ url, applicationName, poolSize, waitForMs: 10_000 });
  const fallback = createNotifyTransport({ directUrl: url, logger, applicationName });
  const bus = createBus({ role, keys, fallback, logger });
  const producer = createJobProducer({ role, keys, queue: "generation", catalogue: generationJobs });
  const generations = createGenerations(database);
  const userIds = await createPeople(database, setup.people);
  const outside = await openRowsAndJobs(setup);
  const handingOver = new Set<Promise<void>>();

  async function handOver(id: string, priority: number): Promise<void> {
    const handed = await producer.add("generate", { generationId: id }, { id: `${id}-1`, priority });
    if (handed.kind !== "ok") await bus.publish(QUEUED_TOPIC, { generationId: id });
  }

  return {
    async submit(turn) {
      const { generation } = await generations.submit({
        userId: userIds[turn % userIds.length] ?? "",
        prompt,
        engine: "builtin",
        model: null,
        priority: 5,
        mode: "async",
        ...limits,
      });
      const ending = handOver(generation.id, generation.priority).finally(() => handingOver.delete(ending));
      handingOver.add(ending);
    },
    async settled() {
      await Promise.all(handingOver);
    },
    count: () => outside.count(),
    countRows: () => outside.countRows(),
    clear: () => outside.clear(),
    async close() {
      await producer.close();
      await bus.close();
      await fallback.close();
      await role.close();
      await database.close();
      await outside.close();
    },
  };
};

async function createPeople(database: Database, count: number): Promise<readonly string[]> {
  const users = createUsers(database);
  const created = Array.from({ length: count }, (_, number) =>
    users.create({
      email: `submitter-${number}@example.org`,
      displayName: "Bench",
      passwordHash: null,
      roles: ["user"],
    }),
  );
  return (await Promise.all(created)).map(({ id }) => id);
}
