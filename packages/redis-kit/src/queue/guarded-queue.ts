import type { Queue } from "bullmq";
import type { RedisRole } from "../connection/redis-role";
import { RedisFault, toRedisFault } from "../errors";
import type { RedisKeys } from "../keys";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import type { Guarded } from "../outcome";
import { createLazyQueue } from "./lazy-queue";

/** What a guarded queue is made of. */
export interface GuardedQueueOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** the queue's name, as in "generation" */
  readonly queue: string;
  /** milliseconds a question may take; default 500 */
  readonly deadlineMs?: number;
  readonly logger?: KitLogger;
}

/** The way to a BullMQ queue: with a deadline, through the role's breaker and operation log. */
export interface GuardedQueue {
  /** Never rejects; what timed out may still happen. @param key what it is about, for the log */
  run<T>(operation: string, key: string, ask: (bull: Queue) => Promise<T>): Promise<Guarded<T>>;
  close(): Promise<void>;
}

/** Connects with the first question. */
export function createGuardedQueue(options: GuardedQueueOptions): GuardedQueue {
  const { role, queue: name, deadlineMs = 500, logger = noLogger } = options;
  const queue = createLazyQueue(name, { ...options, logger });

  /** @returns why there is none; a role without a network has no client to connect */
  async function connect(timeoutMs: number): Promise<RedisFault | undefined> {
    try {
      if (await queue.connect(timeoutMs)) return undefined;
      return new RedisFault("unreachable", "the queue's connection is not there yet");
    } catch (error) {
      return toRedisFault(error);
    }
  }

  return {
    /**
     * The queue has a connection of its own. While that one is being made anew the role may be well, so it
     * is waited for here, where failing doesn't count against the role.
     */
    async run(operation, key, ask) {
      const startedAt = performance.now();
      if (role.disabled) {
        return { kind: "unavailable", fault: new RedisFault("disabled", "Redis is switched off") };
      }
      if (role.health.status().mode !== "degraded") {
        const fault = await connect(deadlineMs - 50);
        if (fault !== undefined) return { kind: "unavailable", fault };
      }
      const leftMs = Math.max(50, deadlineMs - (performance.now() - startedAt));
      return role.guard.run({ name: operation, deadlineMs: Math.round(leftMs) }, key, async () =>
        ask(await queue.open()),
      );
    },
    close: () => queue.close(),
  };
}
