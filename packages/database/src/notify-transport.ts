import type { BusTransport } from "@vibe-friend/redis-kit/bus/bus-transport";
import type { KitLogger } from "@vibe-friend/redis-kit/logger";
import { noLogger } from "@vibe-friend/redis-kit/logger";
import { createListenConnection } from "./listen-connection";
import { packNotes, unpackNotes, type Note } from "./notify-payload";

/** Options of the LISTEN/NOTIFY transport. */
export interface NotifyTransportOptions {
  /** A connection string that goes to Postgres itself, not through a transaction pooler. */
  readonly directUrl: string;
  readonly logger?: KitLogger;
  /** Shown in pg_stat_activity; default `vibe-friend notify`. */
  readonly applicationName?: string;
}

const CHANNEL = "gvf_bus";
/** A NOTIFY takes a lock over all databases of the server when it commits: few of them. */
const GATHER_MS = 50;
/** Messages kept while one NOTIFY is under way; beyond it the oldest go, as if Postgres were away. */
const MAX_WAITING = 10_000;

/**
 * News over LISTEN/NOTIFY on a connection of its own, at most one NOTIFY per 50 ms. Messages are pointers:
 * one above 7,900 bytes is dropped (logged). Publishing resolves at once, and loses the message when
 * Postgres is away; readers catch up from the truth upon `onGap`.
 */
export function createNotifyTransport(options: NotifyTransportOptions): BusTransport {
  const logger = options.logger ?? noLogger;
  const handlers = new Map<string, Set<(message: unknown) => void>>();
  const gapListeners = new Set<() => void>();
  const connection = createListenConnection({
    url: options.directUrl,
    applicationName: options.applicationName ?? "vibe-friend notify",
    channel: CHANNEL,
    logger,
    onPayload: (payload) => {
      for (const [topic, message] of unpackNotes(payload)) deliver(topic, message);
    },
    onGap: () => {
      for (const listener of gapListeners) attempt(listener);
    },
  });
  const outbox = createOutbox((payload) => connection.notify(payload), logger);

  function deliver(topic: string, message: unknown): void {
    for (const handler of handlers.get(topic) ?? []) {
      attempt(() => {
        handler(message);
      });
    }
  }

  /** One reader's mistake must not keep the news from the others. */
  function attempt(call: () => void): void {
    try {
      call();
    } catch (error) {
      logger.error("a bus handler failed", { error: String(error) });
    }
  }

  return {
    publish(topic, message) {
      outbox.add([topic, message]);
      return Promise.resolve();
    },
    async subscribe(topic, handler) {
      // The channel is shared by all topics: once it is listened to, a topic is only an entry here.
      const own = (message: unknown) => {
        handler(message);
      };
      const topicHandlers = handlers.get(topic) ?? new Set();
      handlers.set(topic, topicHandlers.add(own));
      const unsubscribe = () => {
        topicHandlers.delete(own);
        if (topicHandlers.size === 0 && handlers.get(topic) === topicHandlers) handlers.delete(topic);
      };
      try {
        await connection.listening();
      } catch (error) {
        unsubscribe();
        throw error;
      }
      return unsubscribe;
    },
    onGap(listener) {
      const own = () => {
        listener();
      };
      gapListeners.add(own);
      return () => {
        gapListeners.delete(own);
      };
    },
    async close() {
      await outbox.flush();
      await connection.close();
    },
  };
}

/** Gathers for 50 ms, then sends; what doesn't fit into one NOTIFY waits for the next turn. */
function createOutbox(send: (payload: string) => Promise<void>, logger: KitLogger) {
  let waiting: Note[] = [];
  let turn: Promise<void> | undefined;
  let timer: NodeJS.Timeout | undefined;

  function schedule(): void {
    if (waiting.length === 0) return;
    timer ??= setTimeout(() => {
      timer = undefined;
      turn ??= sendOne().finally(() => {
        turn = undefined;
        schedule();
      });
    }, GATHER_MS);
  }

  async function sendOne(): Promise<void> {
    const { payload, rest, dropped } = packNotes(waiting);
    waiting = rest;
    if (dropped.length > 0) logger.error("a bus message is too large for NOTIFY", { topics: dropped });
    if (payload === undefined) return;
    try {
      await send(payload);
    } catch (error) {
      logger.debug("bus messages were lost", { error: String(error) });
    }
  }

  return {
    add(note: Note): void {
      waiting.push(note);
      if (waiting.length > MAX_WAITING) waiting.shift();
      schedule();
    },
    /** Sends what waits now. */
    async flush(): Promise<void> {
      clearTimeout(timer);
      timer = undefined;
      await turn;
      while (waiting.length > 0) await sendOne();
      clearTimeout(timer);
    },
  };
}
