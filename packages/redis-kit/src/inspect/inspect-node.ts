import type { Redis } from "ioredis";
import type { RedisRoleName } from "../connection/redis-role";
import { withDeadline } from "../degradation/deadline";
import type { RedisKeys } from "../keys";
import { judgeServer } from "./role-warnings";
import type { RoleWarning } from "./role-warnings";
import { scanKeyspace, listPrefixes } from "./scan-keyspace";
import type { KeyspaceView, ScanBudget } from "./scan-keyspace";
import { look } from "./seen";
import type { Seen } from "./seen";
import { parseLatency, parseSlowlog } from "./server-events";
import type { LatencyEvent, SlowCommand } from "./server-events";
import { parseServerInfo } from "./server-info";
import type { ServerInfo } from "./server-info";

/** The parts that may be left out; INFO and the warnings always come. */
export type InspectedPart = "slowlog" | "latency" | "keyspace";

/** One server of a role. */
export interface NodeInspection {
  /** host:port */
  readonly address: string;
  /** of one PING, milliseconds */
  readonly roundTripMs: Seen<number>;
  readonly info: Seen<ServerInfo>;
  readonly warnings: readonly RoleWarning[];
  /** the latest 20 */
  readonly slowlog: Seen<readonly SlowCommand[]>;
  readonly latency: Seen<readonly LatencyEvent[]>;
  readonly keyspace: Seen<KeyspaceView>;
}

/** How a node is looked at. */
export interface InspectNodeOptions {
  readonly role: RedisRoleName;
  readonly isCluster: boolean;
  readonly keys: RedisKeys;
  readonly parts: readonly InspectedPart[];
  readonly scan: ScanBudget;
  /** milliseconds; what isn't answered by then is `timeout` */
  readonly deadlineMs: number;
}

const slowlogLength = 20;
const skipped = { kind: "skipped" } as const;

/** Never rejects: each part says for itself how it went. */
export async function inspectNode(node: Redis, options: InspectNodeOptions): Promise<NodeInspection> {
  const { role, isCluster, keys, parts, scan, deadlineMs } = options;
  const ask = <T>(right: string, question: () => Promise<T>) =>
    look(right, () => withDeadline(question(), deadlineMs));
  const askPart = <T>(part: InspectedPart, right: string, question: () => Promise<T>): Promise<Seen<T>> =>
    parts.includes(part) ? ask(right, question) : Promise.resolve(skipped);
  const prefixes = listPrefixes(keys);
  const isKey = (text: string) => prefixes.some((prefix) => text.startsWith(prefix));

  const [roundTripMs, info, savePoints, slowlog, latency] = await Promise.all([
    ask("+ping", () => timePing(node)),
    ask("+info", async () => parseServerInfo(await node.info())),
    ask("+config|get", () => readSavePoints(node)),
    askPart("slowlog", "+slowlog|get", async () =>
      parseSlowlog(await node.slowlog("GET", slowlogLength), isKey),
    ),
    askPart("latency", "+latency|latest", async () => parseLatency(await node.latency("LATEST"))),
  ]);
  // A replica's keys are its master's.
  const isCopy = isCluster && info.kind === "seen" && info.value.replication.role === "replica";
  const timeMs = Math.min(scan.timeMs ?? 500, deadlineMs * 0.8);
  const keyspace = isCopy
    ? skipped
    : await askPart("keyspace", "+scan +dbsize", () => scanKeyspace(node, keys, { ...scan, timeMs }));
  return {
    address: addressOf(node),
    roundTripMs,
    info,
    warnings:
      info.kind === "seen" ? judgeServer({ role, isCluster, info: info.value, ...known(savePoints) }) : [],
    slowlog,
    latency,
    keyspace,
  };
}

function known(savePoints: Seen<string>): { savePoints?: string } {
  return savePoints.kind === "seen" ? { savePoints: savePoints.value } : {};
}

async function timePing(node: Redis): Promise<number> {
  const startedAt = performance.now();
  await node.ping();
  return Math.round((performance.now() - startedAt) * 100) / 100;
}

async function readSavePoints(node: Redis): Promise<string> {
  const answer: unknown = await node.config("GET", "save");
  return Array.isArray(answer) ? String(answer[1] ?? "") : "";
}

/** Behind Sentinel the options name no server, the connection does. */
function addressOf({ options, stream }: Redis): string {
  const isNamed = !Array.isArray(options.sentinels);
  return isNamed || !("remoteAddress" in stream)
    ? `${options.host}:${options.port}`
    : `${stream.remoteAddress}:${stream.remotePort}`;
}
