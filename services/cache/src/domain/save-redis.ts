import type { Caller } from "@vibe-friend/contracts/internal";
import type { RedisRoleName } from "@vibe-friend/contracts/redis-admin";
import type { AuditLog, RedisServers } from "./ports";

/** Has a role's server save a snapshot. @throws unavailable, redis_refused, as while it is saving already */
export function createSaveRedis({ redis, audit }: { redis: Pick<RedisServers, "save">; audit: AuditLog }) {
  return async function saveRedis(order: {
    role: RedisRoleName;
    userId: string;
    caller: Caller;
  }): Promise<{ readonly role: RedisRoleName; readonly started: true }> {
    const { role, userId, caller } = order;
    await redis.save(role);
    await audit.append({ userId, action: "redis.bgsave", target: role, details: {}, caller });
    return { role, started: true };
  };
}
