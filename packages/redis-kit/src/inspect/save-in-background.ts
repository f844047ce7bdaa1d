import type { Redis } from "ioredis";
import type { RedisRole } from "../connection/redis-role";
import { withoutRedisBudget } from "../degradation/budget";
import { withDeadline } from "../degradation/deadline";
import { toRedisFault } from "../errors";
import type { RedisFault } from "../errors";
import { openNodes } from "./inspection-client";
import { isDenied } from "./seen";
import { parseServerInfo } from "./server-info";

/** What came of asking for a snapshot. It is written in the background; INFO's persistence says how it went. */
export type SaveAnswer =
  | { readonly kind: "started" }
  /** running: a save is under way; rewriting: the append-only file is; denied: this user lacks +bgsave */
  | { readonly kind: "refused"; readonly because: "running" | "rewriting" | "denied"; readonly text: string }
  | { readonly kind: "unavailable"; readonly fault: RedisFault };

const refusals = {
  running: "a save is running already; ask again when it has ended",
  rewriting: "the append-only file is being rewritten; ask again when that has ended",
  denied: "this user may not run BGSAVE (+bgsave)",
} as const;

/**
 * Asks for a snapshot, in Cluster for one of every master. Never rejects. A request's budget does not count.
 *
 * @param deadlineMs default 2000; after `unavailable` with a timeout the save may run all the same
 */
export async function saveInBackground(role: RedisRole, deadlineMs = 2000): Promise<SaveAnswer> {
  try {
    const nodes = await withoutRedisBudget(() => openNodes(role, deadlineMs / 2));
    return await withDeadline(startSaves(nodes), deadlineMs / 2);
  } catch (error) {
    const fault = toRedisFault(error);
    const because = refusalOf(fault.message);
    return because === undefined ? { kind: "unavailable", fault } : refuse(because);
  }
}

async function startSaves(nodes: readonly Redis[]): Promise<SaveAnswer> {
  const infos = await Promise.all(
    nodes.map(async (node) => ({ node, info: parseServerInfo(await node.info()) })),
  );
  const masters = infos.filter(({ info }) => nodes.length === 1 || info.replication.role === "master");
  // All are looked at before any is asked, so that a refusal leaves nothing half done.
  if (masters.some(({ info }) => info.persistence.saveRunning)) return refuse("running");
  if (masters.some(({ info }) => info.persistence.rewriteRunning)) return refuse("rewriting");
  await Promise.all(masters.map(({ node }) => node.bgsave()));
  return { kind: "started" };
}

/** Somebody else may have been quicker, between the look and the question. */
function refusalOf(message: string): keyof typeof refusals | undefined {
  if (isDenied(message)) return "denied";
  if (/Background save already in progress/i.test(message)) return "running";
  return /AOF|append only file rewriting/i.test(message) ? "rewriting" : undefined;
}

function refuse(because: keyof typeof refusals): SaveAnswer {
  return { kind: "refused", because, text: refusals[because] };
}
