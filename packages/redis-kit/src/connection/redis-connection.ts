import type { Clock } from "../clock";
import type { RedisRoleConfig } from "../config";
import type { KitLogger } from "../logger";
import type { RedisRole, RedisRoleName } from "./redis-role";

export interface ConnectRedisRoleOptions {
  readonly role: RedisRoleName;
  readonly config: RedisRoleConfig;
  readonly logger: KitLogger;
  readonly clock?: Clock;
}

export function connectRedisRole(options: ConnectRedisRoleOptions): Promise<RedisRole> {
  return Promise.reject(new Error(`not yet ${options.role}`));
}
