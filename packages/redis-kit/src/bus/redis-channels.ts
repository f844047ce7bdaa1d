import type { RedisRole, RedisSubscriber } from "../connection/redis-role";
import { describeError } from "../errors";
import type { RedisKeys } from "../keys";
import type { KitLogger } from "../logger";

/** What redis channels are made of. */
export interface RedisChannelsOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  readonly logger: KitLogger;
  onMessage(topic: string, message: unknown): void;
  onGap(): void;
}

/** The Redis half of a bus; does nothing where the role is disabled. Its methods never reject. */
export interface RedisChannels {
  /** Listens, now or as soon as Redis is there. */
  open(topic: string): Promise<void>;
  close(topic: string): Promise<void>;
  /** @returns whether Redis has taken it */
  publish(topic: string, message: unknown): Promise<boolean>;
  end(): Promise<void>;
}

/** The subscription connection is opened with the first topic. */
export function createRedisChannels(options: RedisChannelsOptions): RedisChannels {
  const { role, keys, logger } = options;
  const topics = new Map<string, string>();
  let subscriber: RedisSubscriber | undefined;

  function receive(channel: string, text: string): void {
    const topic = topics.get(channel);
    if (topic === undefined) return;
    let message: unknown;
    try {
      message = JSON.parse(text);
    } catch {
      logger.warn("a bus message is not JSON and was dropped", { topic });
      return;
    }
    options.onMessage(topic, message);
  }

  return {
    async open(topic) {
      if (role.disabled) return;
      const channel = keys.notify(topic);
      topics.set(channel, topic);
      subscriber ??= role.createSubscriber({
        onMessage: receive,
        onGap: () => {
          options.onGap();
        },
      });
      // It is kept and repeated as soon as there is a connection.
      await subscriber.subscribe(channel).catch((error: unknown) => {
        logger.debug("a channel will be subscribed later", { topic, error: describeError(error) });
      });
    },
    async close(topic) {
      const channel = keys.notify(topic);
      topics.delete(channel);
      await subscriber?.unsubscribe(channel).catch(() => undefined);
    },
    async publish(topic, message) {
      const sent = await role.guard.run("bus.publish", topic, (redis) =>
        redis.publish(keys.notify(topic), JSON.stringify(message)),
      );
      return sent.kind === "ok";
    },
    async end() {
      await subscriber?.close();
    },
  };
}
