import { Socket } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { KitLogger } from "@vibe-friend/redis-kit/logger";
import { Client } from "pg";
import { DatabaseUnavailable } from "./errors";

export interface ListenConnectionOptions {
  readonly url: string;
  readonly applicationName: string;
  readonly channel: string;
  readonly logger: KitLogger;
  readonly onPayload: (payload: string) => void;
  /** Lost, and again when regained: payloads may have been missed. */
  readonly onGap: () => void;
}

export interface ListenConnection {
  /** @throws {DatabaseUnavailable} nothing was sent, or nobody knows */
  notify(payload: string): Promise<void>;
  /** Resolves once the channel is listened to. @throws {DatabaseUnavailable} it isn't within 2 s */
  listening(): Promise<void>;
  close(): Promise<void>;
}

const CONNECT_TIMEOUT_MS = 2000;
const QUERY_TIMEOUT_MS = 2000;
const CLOSE_TIMEOUT_MS = 1000;
const WATCHDOG_MS = 3000;
const MIN_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2000;

/**
 * A connection that listens to one channel, notices when it is dead (a `select 1` every 3 s, since a silent
 * network breaks nothing) and comes back with growing delays of at most 2 s.
 */
export function createListenConnection(options: ListenConnectionOptions): ListenConnection {
  const { logger, onGap } = options;
  let current: OwnClient | undefined;
  let closed = false;
  let wasConnected = false;
  let failures = 0;
  let retryTimer: NodeJS.Timeout | undefined;
  const waiting = new Set<(error?: Error) => void>();

  async function connect(): Promise<void> {
    const own = createClient(options);
    const { client } = own;
    client.on("error", () => {
      lose(own);
    });
    client.on("end", () => {
      lose(own);
    });
    client.on("notification", ({ payload }) => {
      if (payload !== undefined) options.onPayload(payload);
    });
    try {
      await client.connect();
      await client.query(`listen ${options.channel}`);
    } catch (error) {
      own.socket.destroy();
      retry(error);
      return;
    }
    if (closed) {
      own.socket.destroy();
      return;
    }
    current = own;
    failures = 0;
    for (const settle of waiting) settle();
    waiting.clear();
    if (wasConnected) {
      logger.info("bus connection to Postgres is back");
      onGap();
    }
    wasConnected = true;
  }

  function lose(own: OwnClient): void {
    if (own !== current) return;
    current = undefined;
    own.socket.destroy();
    if (closed) return;
    logger.warn("bus connection to Postgres lost");
    onGap();
    retry();
  }

  function retry(error?: unknown): void {
    if (closed) return;
    const delayMs = Math.min(MIN_BACKOFF_MS * 2 ** failures, MAX_BACKOFF_MS) * (0.75 + Math.random() / 4);
    if (failures === 0 && error !== undefined) {
      logger.warn("bus connection to Postgres failed", {
        error: error instanceof Error ? error.message : "unknown",
      });
    }
    failures += 1;
    retryTimer = setTimeout(() => void connect(), delayMs);
  }

  const watchdog = setInterval(() => {
    const own = current;
    own?.client.query("select 1").catch(() => {
      lose(own);
    });
  }, WATCHDOG_MS);
  watchdog.unref();
  void connect();

  return {
    async notify(payload) {
      const own = current;
      if (own === undefined) throw new DatabaseUnavailable("the bus connection to Postgres is away");
      try {
        await own.client.query("select pg_notify($1, $2)", [options.channel, payload]);
      } catch (error) {
        lose(own);
        throw new DatabaseUnavailable("the bus connection to Postgres failed", { cause: error });
      }
    },
    listening() {
      if (current !== undefined) return Promise.resolve();
      return new Promise((resolve, reject) => {
        const settle = (error?: Error) => {
          clearTimeout(timer);
          waiting.delete(settle);
          if (error === undefined) resolve();
          else reject(error);
        };
        const timer = setTimeout(() => {
          settle(new DatabaseUnavailable(`not listening to Postgres within ${CONNECT_TIMEOUT_MS} ms`));
        }, CONNECT_TIMEOUT_MS);
        waiting.add(settle);
      });
    },
    async close() {
      closed = true;
      clearInterval(watchdog);
      clearTimeout(retryTimer);
      for (const settle of waiting) settle(new DatabaseUnavailable("the bus connection is closed"));
      const own = current;
      current = undefined;
      if (own === undefined) return;
      await Promise.race([own.client.end(), sleep(CLOSE_TIMEOUT_MS, undefined, { ref: false })]).catch(
        () => undefined,
      );
      own.socket.destroy();
    },
  };
}

/** The socket is ours, so that it can be cut when the server doesn't answer a goodbye. */
interface OwnClient {
  readonly client: Client;
  readonly socket: Socket;
}

function createClient({ url, applicationName }: ListenConnectionOptions): OwnClient {
  const socket = new Socket();
  const client = new Client({
    connectionString: url,
    application_name: applicationName,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    query_timeout: QUERY_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5000,
    stream: () => socket,
  });
  return { client, socket };
}
