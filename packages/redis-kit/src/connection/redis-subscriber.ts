import { withDeadline } from "../degradation/deadline";
import { RedisFault, describeError } from "../errors";
import type { KitLogger } from "../logger";
import type { RedisClient, RedisSubscriber, SubscriberListener } from "./redis-role";

const watchEveryMs = 1000;
const answerDeadlineMs = 1000;
/** A handshake may hang on a frozen server or a dead network without the client noticing. */
const handshakeDeadlineMs = 3000;

/** What a subscriber is made of; the client is its own and of kind "subscriber". */
export interface RedisSubscriberOptions {
  readonly client: RedisClient;
  readonly listener: SubscriberListener;
  readonly logger: KitLogger;
}

/** Subscribes again after every reconnect, and cuts a connection that no longer answers PING. */
export function createRedisSubscriber(options: RedisSubscriberOptions): RedisSubscriber {
  const { client, listener, logger } = options;
  const channels = new Set<string>();
  let live = false;
  let closed = false;
  let lastAnswerAt = performance.now();

  client.on("message", (channel: string, message: string) => {
    listener.onMessage(channel, message);
  });
  client.on("ready", () => void regain());
  client.on("close", () => {
    if (live && !closed) listener.onGap();
    live = false;
    lastAnswerAt = performance.now();
  });

  /** From then on channels are sent for one by one; `regain` repeats those that were asked for before. */
  const isConnected = () => client.status === "ready";

  async function regain(): Promise<void> {
    lastAnswerAt = performance.now();
    try {
      if (channels.size > 0) await withDeadline(client.subscribe(...channels), answerDeadlineMs);
      live = true;
      if (!closed) listener.onGap();
    } catch (error) {
      logger.debug("redis subscriptions could not be repeated", { error: describeError(error) });
      // Without an answer the only safe thing is a new connection, which repeats them again.
      client.disconnect(true);
    }
  }

  async function watch(): Promise<void> {
    const silentMs = performance.now() - lastAnswerAt;
    if (client.status === "connect" && silentMs > handshakeDeadlineMs) client.disconnect(true);
    if (!live || !isConnected()) return;
    try {
      await withDeadline(client.ping(), answerDeadlineMs);
      lastAnswerAt = performance.now();
    } catch (error) {
      logger.debug("redis subscriber did not answer", { error: describeError(error) });
      client.disconnect(true);
    }
  }

  const watchdog = setInterval(() => void watch(), watchEveryMs).unref();
  return {
    async subscribe(channel) {
      channels.add(channel);
      if (!isConnected()) throw new RedisFault("unreachable", "the subscriber is not connected");
      const asked = client.subscribe(channel);
      try {
        await withDeadline(asked, answerDeadlineMs);
      } catch (error) {
        // Confirmed after all and on the same connection: whoever stopped waiting believes to have heard everything.
        asked.then(
          () => {
            if (!closed && channels.has(channel)) listener.onGap();
          },
          () => undefined,
        );
        throw error;
      }
    },
    async unsubscribe(channel) {
      channels.delete(channel);
      if (isConnected()) await withDeadline(client.unsubscribe(channel), answerDeadlineMs);
    },
    close() {
      closed = true;
      clearInterval(watchdog);
      client.disconnect();
      return Promise.resolve();
    },
  };
}
