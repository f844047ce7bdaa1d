import { RedisFault } from "../errors";
import type { RedisCommands } from "./redis-commands";
import type { RedisRoleName } from "./redis-role";

/** Full at 100 %; after having been full it counts as well again only below this. */
const relaxedShare = 0.97;

/** What to look for. */
export interface ServerCheckOptions {
  readonly role: RedisRoleName;
  readonly commands: RedisCommands;
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

/** What there is to say about a server. */
export interface ServerFindings {
  /** what makes it unusable for the role: an evicting policy, a full memory, being a replica */
  readonly fault?: RedisFault;
  /** what somebody should set right, though it works */
  readonly warnings: readonly string[];
}

/**
 * Looks at how the server is set up.
 *
 * @param wasFull the role is degraded for lack of memory
 * @throws what the client throws: an unreachable server, a user who may not use INFO
 */
export async function checkServer(options: ServerCheckOptions, wasFull: boolean): Promise<ServerFindings> {
  const { role, commands } = options;
  const [memory, replication, persistence] = await Promise.all([
    commands.info("memory").then(parseInfo),
    commands.info("replication").then(parseInfo),
    role === "state" ? commands.info("persistence").then(parseInfo) : undefined,
  ]);
  const fault = findFault(options, { memory, replication, wasFull });
  const warnings = persistence === undefined ? [] : findWarnings(memory, persistence);
  return fault === undefined ? { warnings } : { fault, warnings };
}

type InfoFields = ReadonlyMap<string, string>;

function findFault(
  options: ServerCheckOptions,
  { memory, replication, wasFull }: { memory: InfoFields; replication: InfoFields; wasFull: boolean },
): RedisFault | undefined {
  const policy = readPolicy(memory);
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

/** Of the state role. Nothing acknowledged depends on any of these, since Postgres holds the truth; work and time do. */
function findWarnings(memory: InfoFields, persistence: InfoFields): string[] {
  const warnings: string[] = [];
  const policy = readPolicy(memory);
  if (policy !== "noeviction") {
    warnings.push(`maxmemory-policy is ${policy}: sessions and jobs vanish when the memory is full`);
  }
  if (persistence.get("aof_enabled") === "0" && Number(persistence.get("rdb_saves") ?? 0) === 0) {
    warnings.push(
      "nothing is written to disk (no append-only file, no snapshot yet): sessions and jobs are gone after a restart until they are rebuilt; set appendonly yes",
    );
  }
  if (persistence.get("aof_last_write_status") === "err") {
    warnings.push("the last write to the append-only file failed");
  }
  if (persistence.get("rdb_last_bgsave_status") === "err") warnings.push("the last snapshot failed");
  return warnings;
}

function readPolicy(memory: InfoFields): string {
  return memory.get("maxmemory_policy") ?? "noeviction";
}
