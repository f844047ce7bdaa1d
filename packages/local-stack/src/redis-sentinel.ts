import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { findFreePort } from "./free-port";
import { OwnedProcess } from "./owned-process";
import { askRedis } from "./redis-ask";
import { findRedisBinary } from "./redis-binary";
import { isRedisReady } from "./redis-probe";
import { startRedis, type RedisServer } from "./redis-server";
import { createTemporaryDirectory } from "./temporary-directory";

/** A master and a replica on loopback, and three Sentinels of which two decide. */
export interface RedisSentinel {
  /** As REDIS_SENTINEL_NAME and REDIS_SENTINELS take them. */
  readonly name: string;
  readonly addresses: string;
  readonly password: string;
  /** The two data servers; which of them is the master changes. */
  readonly servers: readonly RedisServer[];
  /** The one that the Sentinels call master now. @throws {Error} when they name none of ours */
  findMaster(): Promise<RedisServer>;
  /** Waits until a running server is called master and says so itself, up to 30 s. */
  waitForMaster(): Promise<RedisServer>;
  stop(): Promise<void>;
}

const name = "main";
const password = "sentinel";
const patienceMs = 30_000;

/** @returns undefined when there is no server to be had, as `startRedis` */
export async function startRedisSentinel(): Promise<RedisSentinel | undefined> {
  const master = await startRedis({ password, args: ["--masterauth", password] });
  if (master === undefined) return undefined;
  const follow = ["--masterauth", password, "--replicaof", `${master.host} ${master.port}`];
  const replica = await startRedis({ password, args: follow });
  if (replica === undefined) return undefined;
  const servers = [master, replica];
  await waitUntil("the replica follows", async () =>
    String(await askRedis(replica, "INFO", "replication")).includes("master_link_status:up"),
  );
  const sentinels = await Promise.all([1, 2, 3].map(() => startSentinel(master)));
  await waitUntil("the Sentinels know each other and the replica", async () => {
    const known = await Promise.all(sentinels.map(({ port }) => askRedis({ port }, "INFO", "sentinel")));
    return known.every((text) => /status=ok,.*slaves=1,sentinels=3/.test(String(text)));
  });

  const findMaster = async (): Promise<RedisServer> => {
    const [first] = sentinels;
    const answer = await askRedis({ port: first?.port ?? 0 }, "SENTINEL", "GET-MASTER-ADDR-BY-NAME", name);
    const port = Number((answer as string[])[1]);
    const found = servers.find((server) => server.port === port);
    if (found === undefined) throw new Error(`the Sentinels call port ${port} the master`);
    return found;
  };
  return {
    name,
    addresses: sentinels.map(({ port }) => `127.0.0.1:${port}`).join(","),
    password,
    servers,
    findMaster,
    async waitForMaster() {
      await waitUntil("there is a master", async () => {
        const server = await findMaster();
        if (server.pid === undefined) return false;
        return String(await askRedis(server, "INFO", "replication")).includes("role:master");
      });
      return findMaster();
    },
    async stop() {
      await Promise.all(sentinels.map(({ stop }) => stop()));
      await Promise.all(servers.map((server) => server.stop()));
    },
  };
}

async function startSentinel(master: RedisServer): Promise<{ port: number; stop: () => Promise<void> }> {
  const binary = await findRedisBinary();
  if (binary === undefined) throw new Error("there is no Redis to be a Sentinel");
  const port = await findFreePort();
  const directory = createTemporaryDirectory("sentinel");
  const sentinel = new OwnedProcess({
    label: "sentinel",
    command: binary.path,
    args: [writeConfig({ directory, port, master }), "--sentinel"],
    env: { ...process.env, ...binary.env },
    cwd: directory,
    output: join(directory, "sentinel.log"),
    stopSignal: "SIGTERM",
    stopTimeoutMs: 5_000,
    readyTimeoutMs: 15_000,
    isReady: () => isRedisReady(port, ""),
    removePath: directory,
  });
  await sentinel.start();
  const stop = async (): Promise<void> => {
    await sentinel.stop();
    rmSync(directory, { recursive: true, force: true });
  };
  return { port, stop };
}

/** A Sentinel writes into its file what it has learned. */
function writeConfig(settings: { directory: string; port: number; master: RedisServer }): string {
  const { directory, port, master } = settings;
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "sentinel.conf");
  const lines = [
    "bind 127.0.0.1",
    `port ${port}`,
    `dir "${directory}"`,
    `sentinel monitor ${name} ${master.host} ${master.port} 2`,
    `sentinel auth-pass ${name} ${password}`,
    `sentinel down-after-milliseconds ${name} 1000`,
    `sentinel failover-timeout ${name} 3000`,
  ];
  writeFileSync(path, `${lines.join("\n")}\n`, { mode: 0o600 });
  return path;
}

async function waitUntil(what: string, holds: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + patienceMs;
  while (!(await holds().catch(() => false))) {
    if (Date.now() > deadline) throw new Error(`not in time: ${what}`);
    await sleep(50);
  }
}
