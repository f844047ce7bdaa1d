import { Queue } from "bullmq";
import { withDeadline } from "../degradation/deadline";
import type { RedisClient, RedisRole } from "../connection/redis-role";
import { closeWithCopies } from "../connection/role-clients";
import { waitUntilReady } from "../connection/wait-until-ready";
import { describeError } from "../errors";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";

/** A BullMQ queue that exists only from the first time Redis has answered. */
export interface LazyQueue {
  /** Gives the queue's own connection up to `timeoutMs`. @returns whether it stands */
  connect(timeoutMs: number): Promise<boolean>;
  /** @throws whatever the first PING throws; a later call tries again */
  open(): Promise<Queue>;
  close(): Promise<void>;
}

/** An `add` on a queue made before Redis was ever up hangs for ever, so a PING comes first. */
export function createLazyQueue(
  name: string,
  { role, keys, logger }: { role: RedisRole; keys: RedisKeys; logger: KitLogger },
): LazyQueue {
  let client: RedisClient | undefined;
  let opening: Promise<Queue> | undefined;
  let queue: Queue | undefined;

  async function construct(): Promise<Queue> {
    client ??= role.createProducerClient();
    await client.ping();
    queue = new Queue(keys.queueName(name), {
      connection: client,
      prefix: keys.queuePrefix,
      // The role's own check looks at version and policy, and without throwing into the console.
      skipVersionCheck: true,
      skipMetasUpdate: true,
      defaultJobOptions: {
        attempts: 1,
        // Kept for a while: removing at once would end the deduplication by id.
        removeOnComplete: { age: 3600, count: 10_000 },
        removeOnFail: { age: 24 * 3600, count: 10_000 },
      },
    });
    queue.on("error", (error) => {
      logger.debug("queue error", { queue: name, error: describeError(error) });
    });
    return queue;
  }

  return {
    connect(timeoutMs) {
      client ??= role.createProducerClient();
      return waitUntilReady(client, timeoutMs);
    },
    open() {
      opening ??= construct().catch((error: unknown) => {
        opening = undefined;
        throw error;
      });
      return opening;
    },
    async close() {
      if (queue !== undefined) await withDeadline(queue.close(), 1000).catch(() => undefined);
      if (client !== undefined) closeWithCopies(client);
    },
  };
}
