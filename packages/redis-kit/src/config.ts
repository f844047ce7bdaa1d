import { EnvReader } from "./config-fields";
import { readConnection } from "./config-connection";
import type { Environment } from "./config-fields";
import type { RedisRoleConfig } from "./connection-config";

export { ConfigError } from "./config-fields";
export type { ConfigFault } from "./config-fields";
export type { HostPort, RedisConnectionConfig, RedisRoleConfig } from "./connection-config";

/** Everything the REDIS_* variables say. */
export interface RedisConfig {
  readonly state: RedisRoleConfig;
  readonly cache: RedisRoleConfig;
  readonly keyPrefix: string;
  readonly sessionTtlMs: number;
  readonly sessionPrefix: string;
  readonly cacheTtlMs: number;
  readonly cachePrefix: string;
  readonly queuePrefix: string;
  readonly notifyPrefix: string;
  /** how long sessions are accepted from Redis alone while the truth can't be asked; milliseconds */
  readonly authStaleMaxMs: number;
  readonly allowEviction: boolean;
}

/**
 * Reads the REDIS_* variables and AUTH_STALE_MAX. An empty variable counts as unset. REDIS_URL=none
 * disables a role; the cache role takes what REDIS_CACHE_* leaves out from the state role.
 *
 * @throws {ConfigError} with every fault found, each naming its variable
 */
export function parseRedisConfig(env: Environment): RedisConfig {
  const reader = new EnvReader(env);
  const allowEviction = reader.boolean("REDIS_ALLOW_EVICTION", false);
  const keyPrefix = reader.prefix("REDIS_KEY_PREFIX", "gvf");
  const state = readConnection(reader, { allowEviction });
  const cache = readConnection(reader, { allowEviction, inherited: state });
  const config: RedisConfig = {
    state,
    cache,
    keyPrefix,
    sessionTtlMs: reader.duration("REDIS_SESSION_TTL", "24h"),
    sessionPrefix: reader.prefix("REDIS_SESSION_PREFIX", `${keyPrefix}:session:`),
    cacheTtlMs: reader.duration("REDIS_CACHE_TTL", "1h"),
    cachePrefix: reader.prefix("REDIS_CACHE_PREFIX", `${keyPrefix}:cache:`),
    queuePrefix: reader.prefix("REDIS_QUEUE_PREFIX", `${keyPrefix}:queue`),
    notifyPrefix: reader.prefix("REDIS_NOTIFY_PREFIX", `${keyPrefix}:notify:`),
    authStaleMaxMs: reader.duration("AUTH_STALE_MAX", "15m"),
    allowEviction,
  };
  reader.throwFaults();
  return config;
}
