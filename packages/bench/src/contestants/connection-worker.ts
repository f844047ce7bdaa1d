import { Redis } from "ioredis";
import { parseRedisConfig } from "@vibe-friend/redis-kit/config";
import { connectRedisRole } from "@vibe-friend/redis-kit/connection/redis-connection";
import { noLogger } from "@vibe-friend/redis-kit/logger";
import { runClosedLoop } from "../workload/closed-loop";
import type { ClosedLoopOptions, ClosedLoopResult } from "../workload/closed-loop";
import { drawIndexes } from "../workload/random";

export interface ConnectionSetup {
  /** ours: a role's guarded commands. Others: bare clients taken in turns, with or without auto-pipelining. */
  readonly adapter: "ours" | "ioredis" | "ioredis-pipelined";
  readonly poolSize: number;
  readonly redisUrl: string;
  readonly keyCount: number;
  readonly seed: number;
}

interface Connections {
  get(key: string): Promise<string | undefined>;
  close(): Promise<unknown>;
}

/** Keys `key:0`, `key:1`, …, each with a text that names it. */
export async function openConnectionWorker(setup: ConnectionSetup) {
  const connections = setup.adapter === "ours" ? await openRole(setup) : await openClients(setup);
  const order = drawIndexes(setup.seed, setup.keyCount);
  return {
    /** @throws {Error} on a wrong value */
    get: (loop: ClosedLoopOptions): Promise<ClosedLoopResult> =>
      runClosedLoop(loop, async (turn) => {
        const key = `key:${order[turn % order.length] ?? 0}`;
        const value = await connections.get(key);
        if (value?.startsWith(`${key} `) !== true) throw new Error(`a wrong value for ${key}`);
      }),
    async close(): Promise<void> {
      await connections.close();
    },
  };
}

async function openRole({ redisUrl, poolSize }: ConnectionSetup): Promise<Connections> {
  const config = parseRedisConfig({ REDIS_URL: redisUrl, REDIS_POOL_SIZE: String(poolSize) });
  const role = await connectRedisRole({ role: "cache", config: config.cache, logger: noLogger });
  return {
    async get(key) {
      const got = await role.guard.run("bench.get", key, (redis) => redis.get(key));
      if (got.kind === "unavailable") throw got.fault;
      return got.value;
    },
    close: () => role.close(),
  };
}

async function openClients({ adapter, redisUrl, poolSize }: ConnectionSetup): Promise<Connections> {
  const clients = Array.from(
    { length: poolSize },
    () => new Redis(redisUrl, { enableAutoPipelining: adapter === "ioredis-pipelined" }),
  );
  await Promise.all(clients.map((client) => client.ping()));
  let turn = 0;
  return {
    async get(key) {
      turn = (turn + 1) % clients.length;
      return (await clients[turn]?.get(key)) ?? undefined;
    },
    close() {
      for (const client of clients) client.disconnect();
      return Promise.resolve();
    },
  };
}
