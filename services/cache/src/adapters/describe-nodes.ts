import type { RedisRoleView, RedisServerView } from "@vibe-friend/contracts/redis-admin";
import type { NodeInspection } from "@vibe-friend/redis-kit/inspect/inspect-node";
import type { Seen } from "@vibe-friend/redis-kit/inspect/seen";
import type { ServerInfo } from "@vibe-friend/redis-kit/inspect/server-info";
import { shareOf } from "@vibe-friend/service-kit/describe-read-model";

type NodesView = Pick<
  RedisRoleView,
  "pingMs" | "nodes" | "server" | "keyspace" | "slowlog" | "warnings" | "notSeen"
>;

const SLOWEST = 20;

/** The nodes of one role as one: masters are added up, what hurts on one hurts the role. */
export function describeNodes(nodes: readonly NodeInspection[]): NodesView {
  const infos = seen(nodes.map(({ info }) => info));
  const masters = infos.filter(({ replication }) => infos.length === 1 || replication.role === "master");
  const pings = seen(nodes.map(({ roundTripMs }) => roundTripMs));
  const isMany = nodes.length > 1;
  return {
    pingMs: pings.length === 0 ? null : Math.max(...pings),
    nodes: nodes.map(({ address }) => address),
    server: describeServer(masters),
    keyspace: describeKeyspace(nodes),
    slowlog: describeSlowlog(nodes),
    warnings: nodes.flatMap(({ address, warnings }) =>
      warnings.map(({ level, code, text }) => ({ level, code, text: isMany ? `${address}: ${text}` : text })),
    ),
    notSeen: nodes.flatMap(({ address, info, slowlog, keyspace }) =>
      Object.entries({ info, slowlog, keyspace }).flatMap(([part, { kind, ...look }]) => {
        const name = isMany ? `${part} of ${address}` : part;
        if (kind === "denied") return [{ part: name, reason: `its user lacks ${(look as Denied).right}` }];
        return kind === "unavailable" ? [{ part: name, reason: (look as Unavailable).message }] : [];
      }),
    ),
  };
}

interface Denied {
  readonly right: string;
}
interface Unavailable {
  readonly message: string;
}

function seen<T>(looks: readonly Seen<T>[]): T[] {
  return looks.flatMap((look) => (look.kind === "seen" ? [look.value] : []));
}

function describeServer(masters: readonly ServerInfo[]): RedisServerView | null {
  const [first] = masters;
  if (first === undefined) return null;
  const sum = (of: (info: ServerInfo) => number) => masters.reduce((total, info) => total + of(info), 0);
  const hits = sum(({ stats }) => stats.keyspaceHits);
  const reads = hits + sum(({ stats }) => stats.keyspaceMisses);
  const saves = masters.map(({ persistence }) => persistence);
  return {
    version: first.server.version,
    uptimeSeconds: Math.min(...masters.map(({ server }) => server.uptimeSeconds)),
    clients: {
      connected: sum(({ clients }) => clients.connected),
      blocked: sum(({ clients }) => clients.blocked),
      max: sum(({ clients }) => clients.max),
    },
    memory: {
      usedBytes: sum(({ memory }) => memory.usedBytes),
      peakBytes: sum(({ memory }) => memory.peakBytes),
      maxBytes: masters.some(({ memory }) => memory.maxBytes === 0)
        ? null
        : sum(({ memory }) => memory.maxBytes),
      policy: first.memory.policy,
      fragmentationRatio: Math.max(...masters.map(({ memory }) => memory.fragmentationRatio)),
    },
    stats: {
      commandsPerSecond: sum(({ stats }) => stats.commandsPerSecond),
      keyspaceHits: hits,
      keyspaceMisses: reads - hits,
      hitRate: shareOf(hits, reads),
      expiredKeys: sum(({ stats }) => stats.expiredKeys),
      evictedKeys: sum(({ stats }) => stats.evictedKeys),
      errorReplies: sum(({ stats }) => stats.errorReplies),
      connectionsRejected: sum(({ stats }) => stats.connectionsRejected),
    },
    persistence: {
      appendOnly: saves.every(({ appendOnly }) => appendOnly),
      lastSaveAt: new Date(Math.min(...saves.map(({ lastSaveAt }) => lastSaveAt.getTime()))).toISOString(),
      lastSaveOk: saves.every(({ lastSaveOk }) => lastSaveOk),
      changesSinceLastSave: sum(({ persistence }) => persistence.changesSinceLastSave),
      saveRunning: saves.some(({ saveRunning }) => saveRunning),
    },
  };
}

function describeKeyspace(nodes: readonly NodeInspection[]): RedisRoleView["keyspace"] {
  const views = seen(nodes.map(({ keyspace }) => keyspace));
  if (views.length === 0) return null;
  const groups = new Map<string, { keys: number; measured: number; bytes: number }>();
  for (const { prefix, estimatedKeys, averageBytes = 0, measuredKeys } of views.flatMap((v) => v.groups)) {
    const group = groups.get(prefix) ?? { keys: 0, measured: 0, bytes: 0 };
    groups.set(prefix, {
      keys: group.keys + estimatedKeys,
      measured: group.measured + measuredKeys,
      bytes: group.bytes + averageBytes * measuredKeys,
    });
  }
  return {
    totalKeys: views.reduce((sum, { totalKeys }) => sum + totalKeys, 0),
    partial: views.some(({ partial }) => partial),
    groups: [...groups]
      .map(([prefix, { keys, measured, bytes }]) => ({
        prefix,
        keys,
        averageBytes: measured === 0 ? null : Math.round(bytes / measured),
      }))
      .sort((a, b) => b.keys - a.keys),
  };
}

function describeSlowlog(nodes: readonly NodeInspection[]): RedisRoleView["slowlog"] {
  const logs = seen(nodes.map(({ slowlog }) => slowlog));
  if (logs.length === 0) return null;
  return logs
    .flat()
    .sort((a, b) => b.at.getTime() - a.at.getTime())
    .slice(0, SLOWEST)
    .map(({ at, durationMs, command, key }) => ({
      at: at.toISOString(),
      durationMs,
      command,
      key: key ?? null,
    }));
}
