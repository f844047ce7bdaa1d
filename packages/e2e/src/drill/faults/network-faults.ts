import { setTimeout as sleep } from "node:timers/promises";
import type { DrillStack } from "../stack/drill-stack";
import type { Fault } from "./fault";

const healRedis = (stack: DrillStack): Promise<void> => stack.changeWay("redis", "", { to: "heal" });

/** What can happen between services and servers. */
export const networkFaults: readonly Fault[] = [
  {
    name: "redis-black-hole",
    title: "Redis: network swallows everything",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: (stack) => stack.changeWay("redis", "", { to: "blackHole" }),
    heal: healRedis,
  },
  {
    name: "redis-latency",
    title: "Redis answers 500 ms late",
    lastsMs: 10_000,
    quickLastsMs: 3_000,
    inject: (stack) => stack.changeWay("redis", "", { to: "slow", ms: 500 }),
    heal: healRedis,
  },
  {
    name: "redis-resets",
    title: "Redis connections reset, again and again",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: async (stack) => {
      for (let turn = 0; turn < 5; turn += 1) {
        await stack.changeWay("redis", "", { to: "reset" });
        await sleep(400);
      }
    },
    heal: healRedis,
  },
  {
    name: "redis-one-cut-off",
    title: "one gateway cut off from Redis",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: (stack) => stack.changeWay("redis", "api-gateway-2", { to: "refuse" }),
    heal: (stack) => stack.changeWay("redis", "api-gateway-2", { to: "heal" }),
  },
  {
    name: "postgres-slow",
    title: "Postgres answers 200 ms late",
    lastsMs: 8_000,
    quickLastsMs: 2_500,
    inject: (stack) => stack.changeWay("postgres", "", { to: "slow", ms: 200 }),
    heal: (stack) => stack.changeWay("postgres", "", { to: "heal" }),
  },
];
