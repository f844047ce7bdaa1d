import type { RedisClient, RedisRole } from "../connection/redis-role";
import { RedisFault } from "../errors";

const clients = new WeakMap<RedisRole, RedisClient>();

/** One connection for all limits of a role, closed with it. @returns undefined where the role can open none */
export function openLimitClient(role: RedisRole): RedisClient | undefined {
  const known = clients.get(role);
  if (known !== undefined) return known;
  try {
    const client = role.createProducerClient();
    clients.set(role, client);
    return client;
  } catch (error) {
    if (error instanceof RedisFault && error.code === "disabled") return undefined;
    throw error;
  }
}
