import { createAdapter } from "@socket.io/redis-adapter";
import type { RedisClient, RedisRole } from "@vibe-friend/redis-kit/connection/redis-role";
import type { RedisKeys } from "@vibe-friend/redis-kit/keys";
import type { Logger } from "@vibe-friend/service-kit/logger";
import { z } from "zod";

/** The adapter's packets as text: the guarded publish takes text, and no packet of ours holds binary data. */
const textParser = {
  encode: (packet: unknown) => JSON.stringify(packet),
  decode: (message: Buffer) => JSON.parse(message.toString()) as unknown,
};

const roomsSchema = z.looseObject({ rooms: z.array(z.string()), except: z.array(z.string()) });

/** What the adapter's listeners take; without rooms that are rooms a packet would mean every socket there is. */
const packetSchemas = {
  /** broadcasts: who sent it, what, to whom */
  pmessageBuffer: z.tuple([z.string(), z.looseObject({ nsp: z.string(), type: z.number() }), roomsSchema]),
  /** requests to other nodes, and their answers */
  messageBuffer: z.looseObject({ opts: roomsSchema.optional() }),
} as const;

type Listener = (...received: unknown[]) => unknown;

/**
 * Rooms over all nodes, for closing a session's sockets wherever they are. The adapter publishes without
 * looking at the outcome, so it gets a client whose `publish` never rejects and never waits; what it loses
 * with Redis is made up for by each node's own bus and watch. It trusts what it receives, so it gets a
 * subscription on which a packet that it can't take harms nobody.
 *
 * @returns undefined without Redis: rooms are this process's own
 */
export function createRedisSocketAdapter(role: RedisRole, keys: RedisKeys, logger: Logger) {
  if (role.disabled) return undefined;
  const client: RedisClient = role.createSubscriberClient();
  client.on("error", (error: Error) => {
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
  const subscriber = withHarmlessPackets(client, (error) => {
    logger.warn("a socket adapter's packet was dropped", { cause: String(error) });
  });
  return createAdapter(publisher, subscriber, { key: keys.notify("sockets"), parser: textParser });
}

/**
 * What isn't a packet of the adapter's doesn't reach its listeners, and what they throw, at once or later, goes to
 * `onDropped` and no further; nor does a subscription that fails.
 */
export function withHarmlessPackets(
  client: Pick<RedisClient, "on" | "off" | "subscribe" | "psubscribe" | "unsubscribe" | "punsubscribe">,
  onDropped: (error: unknown) => void,
) {
  const guards = new Map<Listener, Listener>();
  /** They wait for Redis as long as it takes, and fail only when the client is closed. */
  const quietly = (asked: Promise<unknown>) => asked.catch(() => undefined);

  function guard(event: keyof typeof packetSchemas, listener: Listener): Listener {
    return (...received) => {
      try {
        packetSchemas[event].parse(JSON.parse(String(received.at(-1))));
        const done = listener(...received);
        if (done instanceof Promise) done.catch(onDropped);
      } catch (error) {
        onDropped(error);
      }
    };
  }

  return {
    on(event: string, listener: Listener) {
      // The client's own faults are listened for already.
      if (event !== "pmessageBuffer" && event !== "messageBuffer") return;
      const guarded = guard(event, listener);
      guards.set(listener, guarded);
      client.on(event, guarded);
    },
    off(event: string, listener: Listener) {
      const guarded = guards.get(listener);
      if (guarded !== undefined) client.off(event, guarded);
    },
    subscribe: (channels: string[]) => quietly(client.subscribe(...channels)),
    psubscribe: (pattern: string) => quietly(client.psubscribe(pattern)),
    unsubscribe: (channels: string[]) => quietly(client.unsubscribe(...channels)),
    punsubscribe: (pattern: string) => quietly(client.punsubscribe(pattern)),
  };
}
