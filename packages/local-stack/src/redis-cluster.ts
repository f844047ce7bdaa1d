import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "./free-port";
import { askRedis } from "./redis-ask";
import { startRedis, type RedisServer } from "./redis-server";

/** Three masters on loopback that share the slots, and no replica. */
export interface RedisCluster {
  readonly nodes: readonly RedisServer[];
  readonly password: string;
  /** As REDIS_CLUSTER_NODES takes it. */
  readonly addresses: string;
  /** SIGKILL to all of them. */
  kill(): Promise<void>;
  freeze(): void;
  resume(): void;
  /** Starts again those that don't run, and waits until every slot is served. */
  restart(): Promise<void>;
  flushAll(): Promise<void>;
  stop(): Promise<void>;
}

const slots = 16_384;
const joinDeadlineMs = 30_000;

/** @returns undefined when there is no server to be had, as `startRedis` */
export async function startRedisCluster(): Promise<RedisCluster | undefined> {
  const password = "cluster";
  const nodes: RedisServer[] = [];
  for (let index = 0; index < 3; index += 1) {
    const node = await startRedis({ password, args: await clusterSettings(password) });
    if (node === undefined) return undefined;
    nodes.push(node);
  }
  await joinNodes(nodes);
  return {
    nodes,
    password,
    addresses: nodes.map(({ host, port }) => `${host}:${port}`).join(","),
    kill: async () => {
      await Promise.all(nodes.map((node) => node.kill()));
    },
    freeze: () => {
      for (const node of nodes) node.freeze();
    },
    resume: () => {
      for (const node of nodes) node.resume();
    },
    restart: async () => {
      await Promise.all(nodes.filter(({ pid }) => pid === undefined).map((node) => node.restart()));
      await waitUntilServed(nodes);
    },
    flushAll: async () => {
      await Promise.all(nodes.map((node) => askRedis(node, "FLUSHALL")));
    },
    stop: async () => {
      await Promise.all(nodes.map((node) => node.stop()));
    },
  };
}

async function clusterSettings(password: string): Promise<string[]> {
  const busPort = String(await findFreePort());
  return [
    ...["--cluster-enabled", "yes", "--cluster-port", busPort, "--cluster-node-timeout", "2000"],
    ...["--masterauth", password],
  ];
}

async function joinNodes(nodes: readonly RedisServer[]): Promise<void> {
  const [first, ...others] = nodes;
  if (first === undefined) return;
  for (const [index, node] of nodes.entries()) {
    const from = Math.floor((slots * index) / nodes.length);
    const to = Math.floor((slots * (index + 1)) / nodes.length) - 1;
    await askRedis(node, "CLUSTER", "ADDSLOTSRANGE", String(from), String(to));
    await askRedis(node, "CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
  }
  for (const node of others) {
    const busPort = (await askRedis(node, "CONFIG", "GET", "cluster-port")) as string[];
    await askRedis(first, "CLUSTER", "MEET", node.host, String(node.port), busPort[1] ?? "");
  }
  await waitUntilServed(nodes);
}

/** Every node has to know it: a client may ask any of them. */
async function waitUntilServed(nodes: readonly RedisServer[]): Promise<void> {
  const deadline = Date.now() + joinDeadlineMs;
  while (!(await Promise.all(nodes.map((node) => isServed(node, nodes.length)))).every(Boolean)) {
    if (Date.now() > deadline) throw new Error("the Cluster did not come together in time");
    await sleep(50);
  }
}

async function isServed(node: RedisServer, size: number): Promise<boolean> {
  try {
    const info = String(await askRedis(node, "CLUSTER", "INFO"));
    return info.includes("cluster_state:ok") && info.includes(`cluster_size:${size}`);
  } catch {
    return false;
  }
}
