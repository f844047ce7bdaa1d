import type { RedisRoleName } from "../connection/redis-role";
import type { ServerInfo } from "./server-info";

/** Something about a server that will hurt, or already does. */
export interface RoleWarning {
  readonly code:
    | "evicting-policy"
    | "never-evicting-cache"
    | "memory-unlimited"
    | "memory-nearly-full"
    | "has-evicted"
    | "no-persistence"
    | "no-append-log"
    | "save-failed"
    | "append-failed"
    | "fragmented"
    | "swapped-out"
    | "connections-refused"
    | "replica";
  /** critical: data is being lost, or will be at the next fault */
  readonly level: "warning" | "critical";
  readonly text: string;
}

/** What is known of a server when it is judged. */
export interface JudgedServer {
  readonly role: RedisRoleName;
  readonly isCluster: boolean;
  readonly info: ServerInfo;
  /** CONFIG's `save`, "" for none; undefined where the user may not read it */
  readonly savePoints?: string;
}

const nearlyFullShare = 0.9;
const fragmentedRatio = 1.5;
const swappedRatio = 0.9;
/** Below this the ratio says nothing: an empty server's own code outweighs its data. */
const tellingBytes = 100 * 1024 * 1024;

/** The worst first. */
export function judgeServer(server: JudgedServer): RoleWarning[] {
  const found = [...judgePolicy(server), ...judgePersistence(server), ...judgeLoad(server)];
  return found.sort((a, b) => Number(b.level === "critical") - Number(a.level === "critical"));
}

const critical = (code: RoleWarning["code"], text: string): RoleWarning => ({
  code,
  level: "critical",
  text,
});
const warning = (code: RoleWarning["code"], text: string): RoleWarning => ({ code, level: "warning", text });

function judgePolicy({ role, info }: JudgedServer): RoleWarning[] {
  const { policy, maxBytes, usedBytes } = info.memory;
  const found: RoleWarning[] = [];
  if (role === "state" && policy !== "noeviction") {
    found.push(critical("evicting-policy", `maxmemory-policy is ${policy}: sessions and jobs may vanish`));
  }
  if (role === "state" && info.stats.evictedKeys > 0) {
    found.push(critical("has-evicted", `${info.stats.evictedKeys} keys were evicted since the start`));
  }
  if (role === "cache" && policy === "noeviction") {
    found.push(
      warning("never-evicting-cache", "maxmemory-policy is noeviction: a full cache refuses new values"),
    );
  }
  if (maxBytes === 0) {
    found.push(
      warning("memory-unlimited", "maxmemory is 0: the server may take all of its machine's memory"),
    );
  } else if (policy === "noeviction" && usedBytes > maxBytes * nearlyFullShare) {
    found.push(
      critical(
        "memory-nearly-full",
        `${usedBytes} of ${maxBytes} bytes are used; writes are refused at the end`,
      ),
    );
  }
  return found;
}

function judgePersistence({ role, info, savePoints }: JudgedServer): RoleWarning[] {
  const { persistence } = info;
  const found: RoleWarning[] = [];
  if (!persistence.lastSaveOk) found.push(critical("save-failed", "the last BGSAVE failed"));
  if (!persistence.lastAppendOk) found.push(critical("append-failed", "writing the append-only file failed"));
  if (role === "cache" || persistence.appendOnly) return found;
  found.push(
    savePoints === ""
      ? critical("no-persistence", "neither append-only file nor snapshots: a crash loses everything")
      : warning("no-append-log", "no append-only file: a crash loses what came after the last snapshot"),
  );
  return found;
}

function judgeLoad({ isCluster, info }: JudgedServer): RoleWarning[] {
  const { usedBytes, fragmentationRatio } = info.memory;
  const found: RoleWarning[] = [];
  if (!isCluster && info.replication.role === "replica") {
    found.push(critical("replica", "the server is a replica: it refuses writes"));
  }
  if (info.stats.connectionsRejected > 0) {
    found.push(
      warning("connections-refused", `${info.stats.connectionsRejected} connections were over maxclients`),
    );
  }
  if (usedBytes < tellingBytes) return found;
  if (fragmentationRatio > fragmentedRatio) {
    found.push(warning("fragmented", `the memory is fragmented by ${fragmentationRatio}`));
  } else if (fragmentationRatio < swappedRatio) {
    found.push(
      critical("swapped-out", "part of the memory is swapped out: every command may wait for a disk"),
    );
  }
  return found;
}
