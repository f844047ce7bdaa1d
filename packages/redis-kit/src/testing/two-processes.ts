import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { parseRedisConfig } from "../config";
import type { RedisRole, RedisRoleName } from "../connection/redis-role";
import type { JournalStore } from "../journal/journal-store";
import { keepTrust } from "../journal/keep-trust";
import type { WatchedTrust } from "../journal/role-trust";
import { createKeys } from "../keys";
import type { RedisKeys } from "../keys";
import { connectTestRole } from "./connect-test-role";
import { createCutOffProxy } from "./cut-off-proxy";
import { createMemoryLink } from "./memory-link";
import { createMemoryRole } from "./memory-role";
import { createMemoryServer } from "./memory-server";
import type { MemoryDump } from "./memory-server";
import { askServer } from "./server-faults";
import type { ControllableServer } from "./server-faults";

/** What one process has of a role. */
export interface TestProcess {
  readonly role: RedisRole;
  readonly trust: WatchedTrust;
  /** Cuts this process alone off from Redis: "refuse" as a firewall that answers, "silence" as one that doesn't. */
  cutOff(how: "refuse" | "silence"): void;
  reconnect(): void;
}

/** Two processes on one Redis and one journal, and what can happen to them. */
export interface TwoProcesses {
  readonly here: TestProcess;
  readonly there: TestProcess;
  readonly keys: RedisKeys;
  /** Ends the server; `start` brings it back with what the last dump held. */
  kill(): Promise<void>;
  start(): Promise<void>;
  flush(): Promise<void>;
  /** Full, it answers what it holds and takes nothing new. */
  setFull(full: boolean): Promise<void>;
  /** Keeps what the server holds now. */
  dump(): Promise<void>;
  close(): Promise<void>;
}

const staleMaxMs = 60_000;

/** @param journalThere its way to the same journal, where that matters */
export async function createMemoryProcesses(
  roleName: RedisRoleName,
  journal: JournalStore,
  journalThere: JournalStore = journal,
): Promise<TwoProcesses> {
  const server = createMemoryServer();
  const keys = createKeys(parseRedisConfig({}));
  let kept: MemoryDump = new Map();

  async function start(journal: JournalStore) {
    const link = createMemoryLink(server);
    const role = createMemoryRole({ role: roleName, server: link });
    const watch = await keepTrust({ journal, roles: [role], keys, staleMaxMs });
    return {
      role,
      trust: watch.of(role),
      cutOff: (how: "refuse" | "silence") => {
        link.cut(how === "refuse" ? "down" : "frozen");
      },
      reconnect: () => {
        link.heal();
      },
      async stop() {
        await watch.stop();
        await role.close();
      },
    };
  }

  const [here, there] = await Promise.all([start(journal), start(journalThere)]);
  return {
    here,
    there,
    keys,
    kill() {
      server.become("down");
      return Promise.resolve();
    },
    start() {
      server.restore(kept);
      server.become("up");
      return Promise.resolve();
    },
    flush() {
      server.flushAll();
      return Promise.resolve();
    },
    setFull(full) {
      server.become(full ? "full" : "up");
      return Promise.resolve();
    },
    dump() {
      kept = server.dump();
      return Promise.resolve();
    },
    async close() {
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}

/** A server that starts from `dump.rdb` in its folder, so without an append-only file. */
export interface DumpingServer extends ControllableServer {
  readonly dataDir: string;
}

/** @param journals one for each process, as each would open its own */
export async function connectProcesses(
  roleName: RedisRoleName,
  server: DumpingServer,
  journals: { readonly here: JournalStore; readonly there: JournalStore },
): Promise<TwoProcesses> {
  const keys = createKeys(parseRedisConfig({}));
  const [file, kept] = ["dump.rdb", "kept.rdb"].map((name) => join(server.dataDir, name)) as [string, string];

  async function start(journal: JournalStore) {
    const url = new URL(server.url);
    const proxy = await createCutOffProxy(Number(url.port));
    url.port = String(proxy.port);
    const { role } = await connectTestRole(url.toString(), {}, roleName);
    const watch = await keepTrust({ journal, roles: [role], keys, staleMaxMs });
    return {
      role,
      trust: watch.of(role),
      cutOff: (how: "refuse" | "silence") => {
        proxy.cut(how);
      },
      reconnect: () => {
        proxy.heal();
      },
      async stop() {
        await watch.stop();
        await role.close();
        await proxy.close();
      },
    };
  }

  const [here, there] = await Promise.all([start(journals.here), start(journals.there)]);
  return {
    here,
    there,
    keys,
    async kill() {
      await server.kill();
    },
    async start() {
      await copyFile(kept, file);
      await server.restart();
    },
    async flush() {
      await askServer(server.url, (redis) => redis.flushall());
    },
    async setFull(full) {
      await askServer(server.url, (redis) => redis.config("SET", "maxmemory", full ? "1" : "0"));
    },
    async dump() {
      await askServer(server.url, (redis) => redis.save());
      await copyFile(file, kept);
    },
    async close() {
      await Promise.all([here.stop(), there.stop()]);
    },
  };
}
