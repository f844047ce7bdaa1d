import type { CommonRedisOptions } from "ioredis";
import type { RedisConnectionConfig } from "../connection-config";

/**
 * What a client is for decides how it waits.
 *
 * - commands: what people wait for. Fails at once without a connection. The guard has the deadline; the second
 *   given here is for commands without one, and long enough that a stall of this process isn't taken for Redis'.
 * - producer: BullMQ's Queue; the same, with a second per command.
 * - blocking: BullMQ's Worker. Waits for ever; a command time-out would break its idle reads.
 * - subscriber: no command time-out either; a PING watchdog looks after it.
 * - foreign-subscriber: for libraries that subscribe by themselves and expect the client to repeat it.
 */
export type ClientKind = "commands" | "producer" | "blocking" | "subscriber" | "foreign-subscriber";

const reconnectCapMs = 1000;

/** Between 50 ms and 1 s, with jitter: the client's own back-off reached 20 s after an outage of 40 s. */
export function reconnectDelayMs(attempt: number): number {
  const capMs = Math.min(reconnectCapMs, 50 * 2 ** Math.min(attempt - 1, 5));
  return Math.round(capMs * (0.5 + Math.random() / 2));
}

const readOnlyPauseMs = 1000;

/**
 * After a failover the old master answers READONLY until the connection is made anew. Not more than once a
 * second: reads go on with a replica.
 */
function createReadOnlyRule(): (error: Error) => boolean {
  let reconnectedAt = -Infinity;
  return (error) => {
    if (!error.message.startsWith("READONLY")) return false;
    if (performance.now() - reconnectedAt < readOnlyPauseMs) return false;
    reconnectedAt = performance.now();
    return true;
  };
}

/** The settings of one kind of client; the configured time-outs can only shorten them. */
export function clientSettings(kind: ClientKind, config: RedisConnectionConfig): CommonRedisOptions {
  const shared: CommonRedisOptions = {
    lazyConnect: true,
    connectTimeout: Math.min(1000, config.dialTimeoutMs),
    keepAlive: 5000,
    noDelay: true,
    retryStrategy: reconnectDelayMs,
    reconnectOnError: createReadOnlyRule(),
    // Repeated by hand after every reconnect: the client would leave a failing repetition unhandled.
    autoResubscribe: false,
  };
  switch (kind) {
    case "commands":
      return {
        ...shared,
        ...failFast(config),
        // Nothing is sent again, so what waits on a lost connection has failed.
        maxRetriesPerRequest: 0,
        commandTimeout: Math.min(1000, config.readTimeoutMs),
      };
    case "producer":
      return { ...shared, ...failFast(config), commandTimeout: Math.min(1000, config.writeTimeoutMs) };
    case "blocking":
      return { ...shared, maxRetriesPerRequest: null, socketTimeout: 30_000 };
    case "subscriber":
      return { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 0 };
    case "foreign-subscriber":
      return { ...shared, maxRetriesPerRequest: null, autoResubscribe: true };
  }
}

function failFast(config: RedisConnectionConfig): CommonRedisOptions {
  return {
    enableOfflineQueue: false,
    maxRetriesPerRequest: Math.min(1, config.maxRetries),
    autoResendUnfulfilledCommands: false,
    socketTimeout: 2000,
  };
}
