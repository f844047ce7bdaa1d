import { RedisFault } from "../errors";
import type { RedisCommands } from "./redis-commands";
import type { RedisRoleName } from "./redis-role";

/** Full at 100 %; after having been full it counts as well again only below this. */
const relaxedShare = 0.97;

/** What to look for. */
export interface ServerCheckOptions {
  readonly role: RedisRoleName;
  readonly commands: RedisCommands;
  /** rejects if the DB index does not exist there */
  readonly selectDatabase: () => Promise<void>;
  readonly allowEviction: boolean;
}

/** Reads INFO's `name:value` lines. */
export function parseInfo(text: string): ReadonlyMap<string, string> {
  const fields = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const colon = line.indexOf(":");
    if (colon > 0 && !line.startsWith("#")) fields.set(line.slice(0, colon), line.slice(colon + 1));
  }
  return fields;
}

/**
 * Looks at how the server is set up.
 *
 * @param wasFull the role is degraded for lack of memory
 * @returns what makes it unusable for the role: an evicting policy, a full memory, being a replica
 * @throws what the client throws: a wrong DB index, an unreachable server
 */
export async function checkServer(
  options: ServerCheckOptions,
  wasFull: boolean,
): Promise<RedisFault | undefined> {
  await options.selectDatabase();
  const [memory, replication] = await Promise.all([
    options.commands.info("memory").then(parseInfo),
    options.commands.info("replication").then(parseInfo),
  ]);
  const policy = memory.get("maxmemory_policy") ?? "noeviction";
  if (options.role === "state" && policy !== "noeviction" && !options.allowEviction) {
    return new RedisFault(
      "policy",
      `maxmemory-policy of the state role is ${policy}: sessions and jobs could vanish; set noeviction, or REDIS_ALLOW_EVICTION=true`,
    );
  }
  if (replication.get("role") === "slave") return new RedisFault("read-only", "the server is a replica");
  const maxBytes = Number(memory.get("maxmemory") ?? 0);
  const usedBytes =
    Number(memory.get("used_memory") ?? 0) - Number(memory.get("mem_not_counted_for_evict") ?? 0);
  const limitBytes = wasFull ? maxBytes * relaxedShare : maxBytes;
  if (maxBytes > 0 && policy === "noeviction" && usedBytes >= limitBytes) {
    return new RedisFault("out-of-memory", `${usedBytes} of ${maxBytes} bytes are used`);
  }
  return undefined;
}
