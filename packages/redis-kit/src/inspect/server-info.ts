import { parseInfo } from "../connection/server-check";

/** What INFO says, by its sections. Sizes in bytes, counts since the server started. */
export interface ServerInfo {
  readonly server: {
    readonly version: string;
    readonly runId: string;
    /** "standalone", "cluster" or "sentinel" */
    readonly mode: string;
    readonly uptimeSeconds: number;
  };
  readonly clients: { readonly connected: number; readonly blocked: number; readonly max: number };
  readonly memory: {
    readonly usedBytes: number;
    readonly peakBytes: number;
    readonly rssBytes: number;
    /** 0: unlimited */
    readonly maxBytes: number;
    readonly policy: string;
    readonly fragmentationRatio: number;
  };
  readonly stats: {
    readonly connectionsReceived: number;
    readonly connectionsRejected: number;
    readonly commandsProcessed: number;
    readonly commandsPerSecond: number;
    readonly keyspaceHits: number;
    readonly keyspaceMisses: number;
    /** 0 to 1, of all reads of everybody; undefined before the first */
    readonly hitRate?: number;
    readonly expiredKeys: number;
    readonly evictedKeys: number;
    readonly errorReplies: number;
    readonly pubsubChannels: number;
  };
  readonly persistence: PersistenceInfo;
  readonly replication: ReplicationInfo;
  readonly keyspace: readonly DatabaseInfo[];
}

/** What survives a crash, and since when. */
export interface PersistenceInfo {
  readonly loading: boolean;
  readonly changesSinceLastSave: number;
  /** BGSAVE, asked for or by schedule, runs right now */
  readonly saveRunning: boolean;
  /** Before the first save: when the server started. */
  readonly lastSaveAt: Date;
  readonly lastSaveOk: boolean;
  readonly appendOnly: boolean;
  readonly rewriteRunning: boolean;
  readonly lastAppendOk: boolean;
}

/** Who follows whom. */
export interface ReplicationInfo {
  readonly role: "master" | "replica";
  readonly connectedReplicas: number;
  /** of a replica: whose, and whether it hears from it */
  readonly master?: { readonly address: string; readonly linkUp: boolean };
}

/** One numbered database of a server. */
export interface DatabaseInfo {
  readonly database: number;
  readonly keys: number;
  readonly expiringKeys: number;
}

/** Reads the text of INFO; what a server doesn't say is 0, "" or false. */
export function parseServerInfo(text: string): ServerInfo {
  const fields = parseInfo(text);
  const word = (name: string) => fields.get(name) ?? "";
  const count = (name: string) => Number.parseFloat(word(name)) || 0;
  return {
    server: {
      version: word("redis_version"),
      runId: word("run_id"),
      mode: word("redis_mode"),
      uptimeSeconds: count("uptime_in_seconds"),
    },
    clients: {
      connected: count("connected_clients"),
      blocked: count("blocked_clients"),
      max: count("maxclients"),
    },
    memory: {
      usedBytes: count("used_memory"),
      peakBytes: count("used_memory_peak"),
      rssBytes: count("used_memory_rss"),
      maxBytes: count("maxmemory"),
      policy: word("maxmemory_policy"),
      fragmentationRatio: count("mem_fragmentation_ratio"),
    },
    stats: readStats(count),
    persistence: {
      loading: word("loading") === "1",
      changesSinceLastSave: count("rdb_changes_since_last_save"),
      saveRunning: word("rdb_bgsave_in_progress") === "1",
      lastSaveAt: new Date(count("rdb_last_save_time") * 1000),
      lastSaveOk: word("rdb_last_bgsave_status") !== "err",
      appendOnly: word("aof_enabled") === "1",
      rewriteRunning: word("aof_rewrite_in_progress") === "1",
      lastAppendOk: word("aof_last_write_status") !== "err",
    },
    replication: readReplication(word, count),
    keyspace: readKeyspace(fields),
  };
}

function readStats(count: (name: string) => number): ServerInfo["stats"] {
  const keyspaceHits = count("keyspace_hits");
  const keyspaceMisses = count("keyspace_misses");
  const reads = keyspaceHits + keyspaceMisses;
  return {
    connectionsReceived: count("total_connections_received"),
    connectionsRejected: count("rejected_connections"),
    commandsProcessed: count("total_commands_processed"),
    commandsPerSecond: count("instantaneous_ops_per_sec"),
    keyspaceHits,
    keyspaceMisses,
    ...(reads === 0 ? {} : { hitRate: keyspaceHits / reads }),
    expiredKeys: count("expired_keys"),
    evictedKeys: count("evicted_keys"),
    errorReplies: count("total_error_replies"),
    pubsubChannels: count("pubsub_channels"),
  };
}

function readReplication(word: (name: string) => string, count: (name: string) => number): ReplicationInfo {
  const connectedReplicas = count("connected_slaves");
  if (word("role") !== "slave") return { role: "master", connectedReplicas };
  return {
    role: "replica",
    connectedReplicas,
    master: {
      address: `${word("master_host")}:${word("master_port")}`,
      linkUp: word("master_link_status") === "up",
    },
  };
}

/** Lines as `db0:keys=2,expires=1,avg_ttl=0`. */
function readKeyspace(fields: ReadonlyMap<string, string>): DatabaseInfo[] {
  return [...fields].flatMap(([name, value]) => {
    const database = /^db(\d+)$/.exec(name)?.[1];
    if (database === undefined) return [];
    const part = (what: string) => Number(new RegExp(`\\b${what}=(\\d+)`).exec(value)?.[1] ?? 0);
    return [{ database: Number(database), keys: part("keys"), expiringKeys: part("expires") }];
  });
}
