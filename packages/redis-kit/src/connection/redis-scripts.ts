import type { ChainableCommander } from "ioredis";
import type { RedisClient } from "./redis-role";

type Argument = string | number;

/** What only a step on the server can do: a test and a change that belong together. */
export interface RedisScripts {
  /** key, its lease, the lease's token, value, milliseconds. 1: stored */
  storeLeased(...args: [string, string, string, string, number]): Promise<unknown>;
  /** key, value, milliseconds. What stands there now */
  getOrSet(...args: [string, string, number]): Promise<unknown>;
  /** key, value. 1: deleted */
  compareAndDelete(...args: [string, string]): Promise<unknown>;
  /** key, value, milliseconds. 1: prolonged */
  compareAndExpire(...args: [string, string, number]): Promise<unknown>;
}

/** The same on a pipeline. */
export type ScriptedPipeline = {
  readonly [N in keyof RedisScripts]: (...args: Parameters<RedisScripts[N]>) => ChainableCommander;
};

const definitions: Record<keyof RedisScripts, { numberOfKeys: number; lua: string }> = {
  storeLeased: {
    numberOfKeys: 2,
    lua:
      'if redis.call("GET", KEYS[2]) ~= ARGV[1] then return 0 end ' +
      'redis.call("SET", KEYS[1], ARGV[2], "PX", ARGV[3]) redis.call("DEL", KEYS[2]) return 1',
  },
  getOrSet: {
    numberOfKeys: 1,
    lua:
      'local v = redis.call("GET", KEYS[1]) ' +
      'if v then redis.call("PEXPIRE", KEYS[1], ARGV[2]) return v end ' +
      'redis.call("SET", KEYS[1], ARGV[1], "PX", ARGV[2]) return ARGV[1]',
  },
  compareAndDelete: {
    numberOfKeys: 1,
    lua: 'if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end return redis.call("DEL", KEYS[1])',
  },
  compareAndExpire: {
    numberOfKeys: 1,
    lua:
      'if redis.call("GET", KEYS[1]) ~= ARGV[1] then return 0 end ' +
      'return redis.call("PEXPIRE", KEYS[1], ARGV[2])',
  },
};

/** The client sends a script's text once per connection, then only its hash, and the text again when the server has lost it. */
export function defineScripts(client: RedisClient): RedisScripts {
  const run = (name: keyof RedisScripts) => {
    client.defineCommand(name, definitions[name]);
    return (...args: readonly Argument[]) =>
      (Reflect.get(client, name) as (...args: readonly Argument[]) => Promise<unknown>).apply(client, [
        ...args,
      ]);
  };
  return {
    storeLeased: run("storeLeased"),
    getOrSet: run("getOrSet"),
    compareAndDelete: run("compareAndDelete"),
    compareAndExpire: run("compareAndExpire"),
  };
}
