import { Redis } from "ioredis";
import type { RedisFaults } from "./redis-faults";

/** A server process that can be killed, stopped and started; local-stack's RedisServer is one. */
export interface ControllableServer {
  readonly url: string;
  kill(): Promise<unknown>;
  restart(): Promise<unknown>;
  freeze(): void;
  resume(): void;
}

/** The faults of a real server. */
export function createServerFaults(server: ControllableServer): RedisFaults {
  return {
    kill: () => server.kill(),
    restart: () => server.restart(),
    freeze: () => {
      server.freeze();
    },
    resume: () => {
      server.resume();
    },
    flushAll: () => askServer(server.url, (redis) => redis.flushall()),
  };
}

/** Asks a server something behind the roles' backs. */
export async function askServer<T>(url: string, question: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await question(redis);
  } finally {
    redis.disconnect();
  }
}
