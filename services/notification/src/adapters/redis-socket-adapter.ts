import { createAdapter } from "@socket.io/redis-adapter";
import type { RedisClient, RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import type { Logger } from "@vibe-friend/service-kit/logger";

/** The adapter's packets as text: the guarded publish takes text, and no packet of ours holds binary data. */
const textParser = {
  encode: (packet: unknown) => JSON.stringify(packet),
  decode: (message: Buffer) => JSON.parse(message.toString()) as unknown,
};

/**
 * Rooms over all nodes, for closing a session's sockets wherever they are. The adapter publishes without
 * looking at the outcome, so it gets a client whose `publish` never rejects and never waits; what it loses
 * with Redis is made up for by each node's own bus and watch.
 *
 * @returns undefined without Redis: rooms are this process's own
 */
export function createRedisSocketAdapter(role: RedisRole, keys: RedisKeys, logger: Logger) {
  if (role.disabled) return undefined;
  const subscriber: RedisClient = role.createSubscriberClient();
  subscriber.on("error", (error: Error) => {
    logger.debug("socket adapter's subscription failed", { cause: error.message });
  });
  const publisher = {
    publish(channel: string, message: string | Buffer): Promise<number> {
      const sent = role.guard.run("socket publish", channel, () =>
        role.commands.publish(channel, message.toString()),
      );
      return sent.then(
        (outcome) => (outcome.kind === "ok" ? outcome.value : 0),
        () => 0,
      );
    },
    on: () => undefined,
    off: () => undefined,
  };
  return createAdapter(publisher, subscriber, { key: keys.notify("sockets"), parser: textParser });
}
