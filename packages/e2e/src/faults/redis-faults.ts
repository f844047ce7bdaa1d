import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { askRedis } from "@vibe-friend/local-stack/redis-ask";
import type { RedisServer } from "@vibe-friend/local-stack/redis-server";
import type { Stack } from "@vibe-friend/local-stack/stack";
import { waitFor } from "../wait-for";
import { bringBack, lasting, partsOf, type Fault } from "./fault";

const users = ["api-gateway", "auth", "cache", "generation-worker", "notification"];

/** Everything that happens to a Redis. */
export const redisFaults: readonly Fault[] = [
  {
    name: "Redis is killed",
    async inject(world) {
      await world.stack.kill("redis");
      await lasting(world, 1_500, 4_000);
      await bringBack(world.stack, "redis");
    },
  },
  frozenFor("Redis is frozen", 2_500, 5_000),
  frozenFor("Redis is frozen for long", 4_000, 20_000),
  {
    name: "Redis answers 500 ms late",
    async inject(world) {
      world.stack.proxies.redis.slow(500);
      await lasting(world, 2_500, 6_000);
      world.stack.proxies.redis.heal();
    },
  },
  {
    name: "connections to Redis are reset",
    async inject({ stack }) {
      for (let time = 0; time < 5; time += 1) {
        stack.proxies.redis.reset();
        await sleep(300);
      }
    },
  },
  {
    name: "connections to Redis are half closed",
    async inject(world) {
      world.stack.proxies.redis.halfClose();
      await lasting(world, 1_000, 2_000);
      world.stack.proxies.redis.reset();
    },
  },
  {
    name: "Redis is a black hole",
    async inject(world) {
      world.stack.proxies.redis.blackHole();
      await lasting(world, 2_500, 8_000);
      world.stack.proxies.redis.heal();
    },
  },
  {
    name: "Redis forgets everything",
    async inject({ stack }) {
      await ask(stack, "FLUSHALL");
    },
  },
  {
    name: "Redis is full",
    async inject(world) {
      await ask(world.stack, "CONFIG", "SET", "maxmemory", "1");
      await lasting(world, 2_500, 6_000);
      await ask(world.stack, "CONFIG", "SET", "maxmemory", "0");
    },
  },
  {
    name: "Redis is read-only",
    async inject(world) {
      await ask(world.stack, "REPLICAOF", "127.0.0.1", "1");
      await lasting(world, 2_500, 6_000);
      await ask(world.stack, "REPLICAOF", "NO", "ONE");
    },
  },
  {
    name: "Redis has another password",
    async inject(world) {
      const { port, password } = redisOf(world.stack);
      const other = `not-${password}`;
      await ask(world.stack, "CONFIG", "SET", "requirepass", other);
      for (const type of ["normal", "pubsub"])
        await askRedis({ port, password: other }, "CLIENT", "KILL", "TYPE", type).catch(() => undefined);
      await lasting(world, 2_500, 6_000);
      await waitFor("the password to be back", async () => {
        await askRedis({ port, password: other }, "CONFIG", "SET", "requirepass", password);
        return true;
      });
    },
  },
  {
    name: "one service is cut off from Redis",
    async inject(world, random) {
      const { stack } = world;
      const proxy = stack.proxies.redis.of(random.pick(partsOf(stack, ...users).sort()));
      if (random.next() < 0.5) proxy.refuse();
      else proxy.blackHole();
      await lasting(world, 2_500, 8_000);
      proxy.heal();
    },
  },
  {
    name: "Redis comes back with an older dump",
    async inject(world) {
      const { stack } = world;
      const directory = join(stack.env["VIBE_STACK_DIR"] ?? "", "redis");
      const [now, older] = [join(directory, "appendonlydir"), join(directory, "older-dump")];
      rmSync(older, { recursive: true, force: true });
      cpSync(now, older, { recursive: true });
      await lasting(world, 2_000, 10_000);
      await stack.kill("redis");
      rmSync(now, { recursive: true, force: true });
      cpSync(older, now, { recursive: true });
      await bringBack(stack, "redis");
    },
  },
];

function frozenFor(name: string, shortMs: number, fullMs: number): Fault {
  return {
    name,
    async inject(world) {
      world.stack.freeze("redis");
      await lasting(world, shortMs, fullMs);
      world.stack.resume("redis");
    },
  };
}

function redisOf({ redis }: Stack): RedisServer {
  if (redis === undefined) throw new Error("this stack has no Redis");
  return redis;
}

function ask(stack: Stack, ...command: string[]): Promise<unknown> {
  return askRedis(redisOf(stack), ...command);
}
