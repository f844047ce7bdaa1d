import { Cluster } from "ioredis";
import { withDeadline } from "../degradation/deadline";
import type { RedisClient } from "./redis-role";
import { parseInfo } from "./server-check";

const deadlineMs = 500;

/** Which server, or which masters of a Cluster, stand behind a client right now. */
export interface ServerIdentity {
  current(): string | undefined;
  onChange(listener: () => void): () => void;
  /** Asks the server who it is. Call it when a connection is ready. */
  learn(client: RedisClient): Promise<void>;
  /** The connection is gone: whoever answers next may be another one. */
  forget(): void;
}

/** Knows nothing at first. */
export function createServerIdentity(): ServerIdentity {
  const listeners = new Set<() => void>();
  let identity: string | undefined;

  function change(next: string | undefined): void {
    if (next === identity) return;
    identity = next;
    for (const listener of listeners) listener();
  }

  return {
    current: () => identity,
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    async learn(client) {
      change(await withDeadline(readRunIds(client), deadlineMs));
    },
    forget: () => {
      change(undefined);
    },
  };
}

async function readRunIds(client: RedisClient): Promise<string> {
  const nodes = client instanceof Cluster ? client.nodes("master") : [client];
  const infos = await Promise.all(nodes.map((node) => node.info("server")));
  const runIds = infos.map((info) => parseInfo(info).get("run_id") ?? "");
  return runIds.sort().join(",");
}
