import type { ZodType } from "zod";
import type { RedisRole } from "../connection/redis-role";
import { describeError } from "../errors";
import type { RedisKeys } from "../keys";
import { noLogger } from "../logger";
import type { KitLogger } from "../logger";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
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
  readonly metrics?: KitMetrics;
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
  /**
   * Listens on Redis and on the fallback at once; a way that isn't there now is listened on later, and that
   * is announced as a gap. What doesn't fit `schema` is logged and dropped. Never rejects.
   */
  subscribe<T>(topic: string, schema: ZodType<T>, handler: (message: T) => void): Promise<Unsubscribe>;
  /** Called when a way was lost or is back: messages may have been missed. */
  onGap(listener: () => void): Unsubscribe;
  close(): Promise<void>;
}

interface OpenTopic {
  readonly receivers: Set<(message: unknown) => boolean>;
  /** resolves when both ways have been asked to listen */
  readonly opened: Promise<unknown>;
}

/** The subscription connection is opened with the first subscription; a node hears only what it subscribed to. */
export function createBus(options: BusOptions): Bus {
  const { role, keys, fallback, logger = noLogger, metrics = noMetrics } = options;
  const open = new Map<string, OpenTopic>();
  const gapListeners = new Set<() => void>();
  let closed = false;

  const deliverFrom = (way: "redis" | "fallback") => (topic: string, message: unknown) => {
    for (const receive of [...(open.get(topic)?.receivers ?? [])]) {
      const outcome = receive(message) ? "ok" : "dropped";
      metrics.count("redis_bus_messages_total", { direction: "received", way, outcome });
    }
  };
  const announceGapOf = (way: "redis" | "fallback") => () => {
    metrics.count("redis_bus_gaps_total", { way });
    for (const listener of [...gapListeners]) {
      try {
        listener();
      } catch (error) {
        logger.error("a listener of bus gaps failed", { error: describeError(error) });
      }
    }
  };
  const channels = createRedisChannels({
    role,
    keys,
    logger,
    onMessage: deliverFrom("redis"),
    onGap: announceGapOf("redis"),
  });
  const topics = createFallbackTopics(fallback, logger, deliverFrom("fallback"));
  const endFallbackGaps = fallback.onGap(announceGapOf("fallback"));

  const countPublished = (way: "redis" | "fallback", taken: boolean) => {
    const outcome = taken ? "ok" : "dropped";
    metrics.count("redis_bus_messages_total", { direction: "published", way, outcome });
  };

  return {
    async publish(topic, message, pointer = message) {
      const { mode } = role.health.status();
      const taken = mode !== "degraded" && (await channels.publish(topic, message));
      if (taken) countPublished("redis", true);
      // While Redis recovers other processes may not be listening there again yet.
      if (!taken || mode === "recovering") countPublished("fallback", await topics.publish(topic, pointer));
    },

    async subscribe(topic, schema, handler) {
      const receive = createReceiver({ topic, schema, logger }, handler);
      // Somebody who only hears of the closing later is not to be failed by it.
      if (closed) return () => undefined;
      const known = open.get(topic) ?? {
        receivers: new Set(),
        opened: Promise.all([channels.open(topic), topics.open(topic)]),
      };
      open.set(topic, known);
      known.receivers.add(receive);
      // Also who comes second relies on hearing everything from here on.
      await known.opened;
      return () => {
        if (!known.receivers.delete(receive) || known.receivers.size > 0) return;
        if (open.get(topic) !== known) return;
        open.delete(topic);
        topics.close(topic);
        void channels.close(topic);
      };
    },

    onGap(listener) {
      gapListeners.add(listener);
      return () => gapListeners.delete(listener);
    },

    async close() {
      closed = true;
      endFallbackGaps();
      for (const topic of open.keys()) topics.close(topic);
      open.clear();
      await channels.end();
    },
  };
}
