import { Cluster, Redis } from "ioredis";
import type { RedisOptions } from "ioredis";
import type { HostPort, RedisConnectionConfig } from "../connection-config";
import { describeError } from "../errors";
import type { KitLogger } from "../logger";
import { clientSettings } from "./client-settings";
import type { ClientKind } from "./client-settings";
import type { RedisClient } from "./redis-role";

/** What is told about a client's life. */
export interface ClientListener {
  onReady?(): void;
  onClose?(): void;
  onError?(error: Error): void;
}

/**
 * Makes a client that is not connected yet. Its errors are handled here, so that losing Redis can't end
 * the process; they come many a second during an outage and are logged at debug only.
 */
export function openClient(
  kind: ClientKind,
  config: RedisConnectionConfig,
  options: { readonly name: string; readonly logger: KitLogger; readonly listener?: ClientListener },
): RedisClient {
  const client = createClient(kind, config, options.name);
  const { listener, logger } = options;
  client.on("error", (error: Error) => {
    logger.debug("redis client error", { client: options.name, kind, error: describeError(error) });
    listener?.onError?.(error);
  });
  client.on("ready", () => listener?.onReady?.());
  client.on("close", () => {
    dropSocketTimer(client);
    listener?.onClose?.();
  });
  return client;
}

/**
 * ioredis 5.11 leaves its socket time-out running when a connection ends: it would cut the next, healthy
 * one, or keep the process alive.
 */
export function dropSocketTimer(client: RedisClient): void {
  clearTimeout(Reflect.get(client, "socketTimeoutTimer") as NodeJS.Timeout | undefined);
  Reflect.set(client, "socketTimeoutTimer", undefined);
}

function createClient(kind: ClientKind, config: RedisConnectionConfig, name: string): RedisClient {
  const settings = clientSettings(kind, config);
  const options: RedisOptions = {
    ...settings,
    connectionName: name,
    db: config.database,
    ...(config.username === undefined ? {} : { username: config.username }),
    ...(config.password === undefined ? {} : { password: config.password }),
    ...tlsOptions(config),
  };
  if (config.clusterNodes !== undefined) {
    return kind === "subscriber"
      ? createNodeClient(options, config.clusterNodes)
      : createClusterClient(options, config.clusterNodes);
  }
  if (config.sentinel !== undefined) {
    return new Redis({
      ...options,
      sentinels: [...config.sentinel.nodes],
      name: config.sentinel.name,
      sentinelRetryStrategy: (attempt) => settings.retryStrategy?.(attempt) ?? null,
      sentinelCommandTimeout: 1000,
      // A master cut off from its Sentinels goes on answering; they say when there is another one.
      failoverDetector: kind === "commands",
      ...(config.tls ? { enableTLSForSentinelMode: true, sentinelTLS: tlsOptions(config).tls } : {}),
    });
  }
  return new Redis({ ...options, host: config.host, port: config.port });
}

function tlsOptions({ tls, tlsCa }: RedisConnectionConfig): Pick<RedisOptions, "tls"> {
  if (!tls) return {};
  return { tls: tlsCa === undefined ? {} : { ca: tlsCa } };
}

function createClusterClient(options: RedisOptions, nodes: readonly HostPort[]): Cluster {
  const { retryStrategy, lazyConnect, enableOfflineQueue, ...redisOptions } = options;
  return new Cluster([...nodes], {
    redisOptions,
    lazyConnect: lazyConnect ?? true,
    enableOfflineQueue: enableOfflineQueue ?? true,
    clusterRetryStrategy: (attempt) => retryStrategy?.(attempt) ?? null,
    slotsRefreshTimeout: 1000,
    slotsRefreshInterval: 5000,
  });
}

/** Pub/Sub reaches every node of a Cluster: a client of one of them, and of the next when that one is lost. */
function createNodeClient(options: RedisOptions, nodes: readonly HostPort[]): Redis {
  let at = Math.floor(Math.random() * nodes.length);
  const client: Redis = new Redis({
    ...options,
    ...nodes[at],
    retryStrategy(attempt) {
      at = (at + 1) % nodes.length;
      Object.assign(client.options, nodes[at]);
      return options.retryStrategy?.(attempt) ?? null;
    },
  });
  return client;
}
