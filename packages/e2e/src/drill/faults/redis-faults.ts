import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { DrillStack } from "../stack/drill-stack";
import { nothing, type Fault } from "./fault";
import { commandRedis } from "./redis-admin";

const strangePassword = "changed-by-somebody-else";

/** Nobody answers there: a replica that never reaches its master. */
const nobody = ["127.0.0.1", "1"];

/** What can happen to the server itself. */
export const redisFaults: readonly Fault[] = [
  {
    name: "redis-killed",
    title: "Redis killed (kill -9), restarted",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: (stack) => stack.kill("redis", "SIGKILL"),
    heal: (stack) => stack.restart("redis"),
  },
  freeze("redis-frozen-5s", 5_000, 5_000),
  freeze("redis-frozen-20s", 20_000, undefined),
  {
    name: "redis-flushed",
    title: "Redis flushed (FLUSHALL)",
    lastsMs: 0,
    quickLastsMs: 0,
    inject: ({ redisUrl }) => commandRedis(redisUrl, ["flushall"]),
    heal: nothing,
  },
  {
    name: "redis-full",
    title: "Redis full (OOM, noeviction)",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: ({ redisUrl }) => commandRedis(redisUrl, ["config", "set", "maxmemory", "1mb"]),
    heal: ({ redisUrl }) => commandRedis(redisUrl, ["config", "set", "maxmemory", "0"]),
  },
  {
    name: "redis-read-only",
    title: "Redis read-only (READONLY)",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: ({ redisUrl }) => commandRedis(redisUrl, ["replicaof", ...nobody]),
    heal: ({ redisUrl }) => commandRedis(redisUrl, ["replicaof", "no", "one"]),
  },
  {
    name: "redis-wrong-password",
    title: "Redis password changed",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: ({ redisUrl }) =>
      commandRedis(
        redisUrl,
        ["config", "set", "requirepass", strangePassword],
        ["client", "kill", "type", "pubsub"],
        ["client", "kill", "type", "normal", "skipme", "yes"],
      ),
    heal: ({ redisUrl }) => {
      const changed = new URL(redisUrl);
      const { password } = changed;
      changed.password = strangePassword;
      return commandRedis(changed.href, ["config", "set", "requirepass", password]);
    },
  },
  {
    name: "redis-older-dump",
    title: "Redis restored from an older dump",
    lastsMs: 3_000,
    quickLastsMs: 1_000,
    signsOutBefore: true,
    prepare: async (stack) => {
      await commandRedis(stack.redisUrl, ["bgrewriteaof"]);
      await sleep(1_000);
      cpSync(dataOf(stack), `${dataOf(stack)}.older`, { recursive: true });
    },
    inject: async (stack) => {
      await stack.kill("redis", "SIGKILL");
      rmSync(dataOf(stack), { recursive: true });
      cpSync(`${dataOf(stack)}.older`, dataOf(stack), { recursive: true });
      rmSync(`${dataOf(stack)}.older`, { recursive: true });
    },
    heal: (stack) => stack.restart("redis"),
  },
];

function freeze(name: string, lastsMs: number, quickLastsMs: number | undefined): Fault {
  return {
    name,
    title: `Redis frozen for ${lastsMs / 1_000} s (SIGSTOP)`,
    lastsMs,
    quickLastsMs,
    inject: (stack) => stack.freeze("redis"),
    heal: (stack) => stack.resume("redis"),
  };
}

/** Where the append-only files are. */
function dataOf({ dataDir }: DrillStack): string {
  return join(dataDir, "redis", "appendonlydir");
}
