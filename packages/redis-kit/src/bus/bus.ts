import type { ZodType } from "zod";
import type { RedisRole } from "../connection/redis-role";
import type { RedisKeys } from "../keys";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { createReceiver } from "./bus-message";
import type { BusTransport, Unsubscribe } from "./bus-transport";
import { createFallbackTopics } from "./fallback-topics";
import { createRedisChannels } from "./redis-channels";

/** What a bus is made of. */
export interface BusOptions {
  readonly role: RedisRole;
  readonly keys: RedisKeys;
  /** the way without Redis */
  readonly fallback: BusTransport;
  readonly logger?: KitLogger;
}

/**
 * News between processes. Delivery only, never the truth: a message may come twice (deduplicate by
 * sequence) and may be missed around a fault (`onGap`: catch up from the truth).
 */
export interface Bus {
  /**
   * Through Redis while it is well, else through the fallback; both while Redis is recovering. Never rejects.
   *
   * @param pointer what the fallback carries instead of `message`, where that would be too large
   */
  publish(topic: string, message: unknown, pointer?: unknown): Promise<void>;
  /** Listens on Redis and on the fallback at once. What doesn't fit `schema` is logged and dropped. */
  subscribe<T>(topic: string, schema: ZodType<T>, handler: (message: T) => void): Promise<Unsubscribe>;
  /** Called when a way was lost or is back: messages may have been missed. */
  onGap(listener: () => void): Unsubscribe;
  close(): Promise<void>;
}

/** The subscription connection is opened with the first subscription; a node hears only what it subscribed to. */
export function createBus({ role, keys, fallback, logger = noLogger }: BusOptions): Bus {
  const receivers = new Map<string, Set<(message: unknown) => void>>();
  const gapListeners = new Set<() => void>();

  const deliver = (topic: string, message: unknown) => {
    for (const receive of [...(receivers.get(topic) ?? [])]) receive(message);
  };
  const announceGap = () => {
    for (const listener of [...gapListeners]) listener();
  };
  const channels = createRedisChannels({ role, keys, logger, onMessage: deliver, onGap: announceGap });
  const topics = createFallbackTopics(fallback, logger, deliver);
  const endFallbackGaps = fallback.onGap(announceGap);

  return {
    async publish(topic, message, pointer = message) {
      const { mode } = role.health.status();
      const taken = mode !== "degraded" && (await channels.publish(topic, message));
      // While Redis recovers other processes may not be listening there again yet.
      if (!taken || mode === "recovering") await topics.publish(topic, pointer);
    },

    async subscribe(topic, schema, handler) {
      const receive = createReceiver({ topic, schema, logger }, handler);
      const known = receivers.get(topic);
      if (known !== undefined) {
        known.add(receive);
      } else {
        receivers.set(topic, new Set([receive]));
        await Promise.all([channels.open(topic), topics.open(topic)]);
      }
      return () => {
        const left = receivers.get(topic);
        if (left?.delete(receive) !== true || left.size > 0) return;
        receivers.delete(topic);
        topics.close(topic);
        void channels.close(topic);
      };
    },

    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },

    async close() {
      endFallbackGaps();
      for (const topic of receivers.keys()) topics.close(topic);
      receivers.clear();
      await channels.end();
    },
  };
}
