import type { RedisRole, RedisRoleName } from "../connection/redis-role";
import { withoutRedisBudget } from "../degradation/budget";
import type { DegradedPeriod, RoleStatus } from "../degradation/health";
import { toRedisFault } from "../errors";
import type { RedisFaultCode } from "../errors";
import type { RedisKeys } from "../keys";
import { noMetrics } from "../metrics";
import type { KitMetrics } from "../metrics";
import { inspectNode } from "./inspect-node";
import type { InspectedPart, NodeInspection } from "./inspect-node";
import { openNodes } from "./inspection-client";
import type { ScanBudget } from "./scan-keyspace";

/** Everything an admin view shows of a role. */
export interface RoleInspection {
  readonly role: RedisRoleName;
  readonly takenAt: Date;
  /** how this process finds the role, and since when */
  readonly status: RoleStatus;
  /** this process's degraded periods, oldest first */
  readonly history: readonly DegradedPeriod[];
  /** undefined while the role is away */
  readonly identity?: string;
  /** one server, or in Cluster every node; empty when nobody could be asked */
  readonly nodes: readonly NodeInspection[];
  /** why nobody could be asked */
  readonly fault?: { readonly code: RedisFaultCode; readonly message: string };
}

/** How a role is inspected. */
export interface InspectRoleOptions {
  readonly keys: RedisKeys;
  /** milliseconds for all of it; default 2000 */
  readonly deadlineMs?: number;
  /** default: all */
  readonly parts?: readonly InspectedPart[];
  readonly scan?: ScanBudget;
  readonly metrics?: KitMetrics;
}

const allParts: readonly InspectedPart[] = ["slowlog", "latency", "keyspace"];

/**
 * Looks at a role's servers through a connection of its own. Never rejects and keeps its deadline: what
 * can't be seen says why, part by part, and a role that is away says since when. Who asks knows that it takes
 * time, so a request's budget does not count.
 */
export function inspectRole(role: RedisRole, options: InspectRoleOptions): Promise<RoleInspection> {
  return withoutRedisBudget(() => inspect(role, options));
}

async function inspect(role: RedisRole, options: InspectRoleOptions): Promise<RoleInspection> {
  const { keys, deadlineMs = 2000, parts = allParts, scan = {}, metrics = noMetrics } = options;
  const startedAt = performance.now();
  const identity = role.identity();
  const found = {
    role: role.role,
    takenAt: new Date(),
    status: role.health.status(),
    history: role.health.history(),
    ...(identity === undefined ? {} : { identity }),
  };
  try {
    const servers = await openNodes(role, deadlineMs / 2);
    // Half for INFO and its neighbours, half for the keys that are looked through after them.
    const leftMs = Math.max(100, (deadlineMs - (performance.now() - startedAt)) / 2);
    const shared = { role: role.role, isCluster: role.isCluster, keys, parts, scan };
    const nodes = await Promise.all(
      servers.map((server) => inspectNode(server, { ...shared, deadlineMs: Math.round(leftMs) })),
    );
    metrics.count("redis_inspections_total", { role: role.role, outcome: outcomeOf(nodes) });
    return { ...found, nodes };
  } catch (error) {
    const { code, message } = toRedisFault(error);
    metrics.count("redis_inspections_total", { role: role.role, outcome: code });
    return { ...found, nodes: [], fault: { code, message } };
  }
}

function outcomeOf(nodes: readonly NodeInspection[]): "ok" | "partial" {
  const parts = nodes.flatMap(({ info, slowlog, latency, keyspace }) => [info, slowlog, latency, keyspace]);
  const isWhole = parts.every(({ kind }) => kind === "seen" || kind === "skipped");
  return isWhole ? "ok" : "partial";
}
