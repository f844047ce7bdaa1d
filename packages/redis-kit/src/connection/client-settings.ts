import type { CommonRedisOptions } from "ioredis";
import type { RedisConnectionConfig } from "../connection-config";

/**
 * What a client is for decides how it waits. The configured time-outs are hard ends for work that nobody waits for;
 * what people wait for ends at the guard's deadline, well before.
 *
 * - commands: the role's own. Fails at once without a connection, and a command after a second at most.
 * - producer: BullMQ's Queue and limits; the same with REDIS_WRITE_TIMEOUT.
 * - background: inspection. Has REDIS_READ_TIMEOUT, may be long in connecting, and asks again when the connection is lost.
 * - blocking: BullMQ's Worker. Waits for ever; a command time-out would break its idle reads.
 * - subscriber: no command time-out either; a PING watchdog looks after it.
 * - foreign-subscriber: for libraries that subscribe by themselves and expect the client to repeat it.
 */
export type ClientKind =
  "commands" | "producer" | "background" | "blocking" | "subscriber" | "foreign-subscriber";

/** A dead network is left for a new attempt after this, since all wait for the role to come back. Milliseconds. */
const connectCapMs = 1000;
/** Also of the handshake: a server that accepts and then says nothing is found out and left. Milliseconds. */
const commandCapMs = 1000;
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

/** The settings of one kind of client. */
export function clientSettings(kind: ClientKind, config: RedisConnectionConfig): CommonRedisOptions {
  const shared: CommonRedisOptions = {
    lazyConnect: true,
    connectTimeout: Math.min(connectCapMs, config.dialTimeoutMs),
    keepAlive: 5000,
    noDelay: true,
    retryStrategy: reconnectDelayMs,
    reconnectOnError: createReadOnlyRule(),
    // Repeated by hand after every reconnect: the client would leave a failing repetition unhandled.
    autoResubscribe: false,
  };
  switch (kind) {
    case "commands":
      return { ...shared, ...failFast, commandTimeout: Math.min(commandCapMs, config.readTimeoutMs) };
    case "producer":
      return { ...shared, ...failFast, commandTimeout: config.writeTimeoutMs };
    case "background":
      return {
        ...shared,
        ...failFast,
        connectTimeout: config.dialTimeoutMs,
        commandTimeout: config.readTimeoutMs,
        // It reads, or asks for a snapshot: twice does no harm.
        autoResendUnfulfilledCommands: config.maxRetries > 0,
        maxRetriesPerRequest: config.maxRetries,
      };
    case "blocking":
      return { ...shared, maxRetriesPerRequest: null, socketTimeout: 30_000 };
    case "subscriber":
      return { ...shared, enableOfflineQueue: false, maxRetriesPerRequest: 0 };
    case "foreign-subscriber":
      return { ...shared, maxRetriesPerRequest: null, autoResubscribe: true };
  }
}

const failFast: CommonRedisOptions = {
  enableOfflineQueue: false,
  // Nothing is sent again, so what waits on a lost connection has failed.
  maxRetriesPerRequest: 0,
  autoResendUnfulfilledCommands: false,
  // A connection on which nothing came for so long though something was asked is made anew.
  socketTimeout: 2000,
};
