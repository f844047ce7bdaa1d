import { Cluster } from "ioredis";
import type { Redis } from "ioredis";
import { RedisFault, describeError } from "../errors";
import type { KitLogger } from "../logger";
import type { RedisClient } from "./redis-role";
import { parseInfo } from "./server-check";

/** Which server, or which masters of a Cluster, stand behind a role right now. */
export interface ServerIdentity {
  current(): string | undefined;
  onChange(listener: () => void): () => void;
  /** Listeners have been told when this returns. */
  become(next: string | undefined): void;
}

/** Knows nothing at first. */
export function createServerIdentity(logger: KitLogger): ServerIdentity {
  const listeners = new Set<() => void>();
  let identity: string | undefined;
  return {
    current: () => identity,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    become(next) {
      if (next === identity) return;
      identity = next;
      for (const listener of [...listeners]) {
        try {
          listener();
        } catch (error) {
          logger.error("a listener of the redis identity failed", { error: describeError(error) });
        }
      }
    },
  };
}

/** Who answers on a client, and whether that is still so. */
export interface KnownServer {
  readonly runId: string;
  /** false once a Cluster's masters are reached over other connections than those that were asked */
  holds(): boolean;
}

/**
 * Asks who answers. The DB index is chosen again first, since the client carries on in DB 0 when its own SELECT
 * was refused. 0 always exists.
 */
export async function askIdentity(client: RedisClient, database: number): Promise<KnownServer> {
  if (client instanceof Cluster) return askCluster(client);
  if (database !== 0) await client.select(database);
  const runId = await readRunId(client);
  return { runId, holds: () => true };
}

/** The connection to a node is never made anew, only replaced: the same clients are the same servers. */
async function askCluster(cluster: Cluster): Promise<KnownServer> {
  const masters = cluster.nodes("master");
  if (!coversAllSlots(cluster, masters)) {
    throw new RedisFault("unreachable", "not every slot of the Cluster has a master");
  }
  const runIds = await Promise.all(masters.map(readRunId));
  return {
    runId: runIds.sort().join(","),
    holds() {
      const now = cluster.nodes("master");
      return now.length === masters.length && masters.every((node, index) => node === now[index]);
    },
  };
}

function coversAllSlots(cluster: Cluster, masters: readonly Redis[]): boolean {
  const names = new Set(masters.map(({ options }) => `${options.host ?? ""}:${options.port ?? 0}`));
  for (let slot = 0; slot < 16_384; slot += 1) {
    if (!names.has(cluster.slots[slot]?.[0] ?? "")) return false;
  }
  return true;
}

async function readRunId(node: Redis): Promise<string> {
  const runId = parseInfo(await node.info("server")).get("run_id");
  if (runId === undefined) throw new RedisFault("failed", "INFO server names no run_id");
  return runId;
}
