import { Cluster } from "ioredis";
import type { Redis } from "ioredis";
import type { RedisClient, RedisRole } from "../connection/redis-role";
import { waitUntilReady } from "../connection/wait-until-ready";
import { RedisFault } from "../errors";
import type { RedisFaultCode } from "../errors";

const clients = new WeakMap<RedisRole, RedisClient>();

/** In these the server can still be asked, and that is when people want to know. */
const answering: ReadonlySet<RedisFaultCode> = new Set<RedisFaultCode>([
  "out-of-memory",
  "read-only",
  "policy",
]);

/**
 * The servers of a role through a connection that no request uses, opened at the first call and closed with
 * the role. In Cluster all nodes, replicas too.
 *
 * @throws {RedisFault} why nobody can be asked
 */
export async function openNodes(role: RedisRole, timeoutMs: number): Promise<readonly Redis[]> {
  const { mode, reason = "unreachable" } = role.health.status();
  if (mode === "degraded" && !answering.has(reason)) {
    throw new RedisFault(reason, `not asked: the role is degraded (${reason})`);
  }
  const client = clients.get(role) ?? role.createBackgroundClient();
  clients.set(role, client);
  if (!(await waitUntilReady(client, timeoutMs))) {
    throw new RedisFault("unreachable", `no connection within ${timeoutMs} ms`);
  }
  return client instanceof Cluster ? client.nodes("all") : [client];
}
