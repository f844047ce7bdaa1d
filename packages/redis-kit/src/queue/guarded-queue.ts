import type { Queue } from "bullmq";
import type { RedisRole } from "../connection/redis-role";
import { RedisFault } from "../errors";
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
  return {
    /**
     * The queue has a connection of its own. While that one is being made anew the role may be well, so it
     * is waited for here, where failing doesn't count against the role.
     */
    async run(operation, key, ask) {
      const startedAt = performance.now();
      if (role.disabled) return unavailable("disabled", "Redis is switched off");
      const connected = role.health.status().mode === "degraded" || (await queue.connect(deadlineMs - 50));
      if (!connected) return unavailable("unreachable", "the queue's connection is not there yet");
      const leftMs = Math.max(50, deadlineMs - (performance.now() - startedAt));
      return role.guard.run({ name: operation, deadlineMs: Math.round(leftMs) }, key, async () =>
        ask(await queue.open()),
      );
    },
    close: () => queue.close(),
  };
}

function unavailable(code: "disabled" | "unreachable", message: string): Guarded<never> {
  return { kind: "unavailable", fault: new RedisFault(code, message) };
}
